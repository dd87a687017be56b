import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { safeName } from './safe-names.ts'
import { sortTask, type SortInput } from './sort-task.ts'

let root: string
let into: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unseen-sort-'))
  into = join(root, 'sorted')
  await mkdir(into)
})
afterEach(() => rm(root, { recursive: true }))

const run = (photos: SortInput['photos'], signal = new AbortController().signal) =>
  sortTask.run({ into, photos }, { signal, report: () => undefined })

async function photo(name: string, content = name): Promise<string> {
  const path = join(root, String(Math.random()))
  await writeFile(path, content)
  return path
}

describe('sorting photos into folders', () => {
  it('copies each into the folder of its class and leaves the original', async () => {
    const path = await photo('a')
    expect(await run([{ path, name: 'trip/day 1/호랑이.jpg', folder: '호랑이' }])).toEqual({ copied: 1 })
    expect(await readFile(join(into, '호랑이', '호랑이.jpg'), 'utf8')).toBe('a')
    expect(await readFile(path, 'utf8')).toBe('a')
  })

  it('overwrites nothing: what is there, or came before, keeps its name', async () => {
    await mkdir(join(into, 'lynx'))
    await writeFile(join(into, 'lynx', 'a.jpg'), 'mine')
    const photos = [
      { path: await photo('one'), name: 'x/a.jpg', folder: 'lynx' },
      { path: await photo('two'), name: 'y/a.jpg', folder: 'lynx' },
    ]
    expect(await run(photos)).toEqual({ copied: 2 })
    const contents = await Promise.all(
      ['a.jpg', 'a (2).jpg', 'a (3).jpg'].map((name) => readFile(join(into, 'lynx', name), 'utf8')),
    )
    expect(contents).toEqual(['mine', 'one', 'two'])
  })

  it('never leaves the folder, whatever the class or the file is called', async () => {
    const names = ['..', '../../x', '/etc', 'a/b', '..\\..\\x', '.', 'CON', 'x\u0000y', ' ']
    const photos = await Promise.all(
      names.map(async (name) => ({ path: await photo(name), name: `${name}/..`, folder: name })),
    )
    expect(await run(photos)).toEqual({ copied: names.length })
    expect((await readdir(root)).filter((name) => !/^0\./.test(name))).toEqual(['sorted'])
    for (const folder of await readdir(into, { withFileTypes: true })) expect(folder.isDirectory()).toBe(true)
  })

  it.skipIf(process.platform === 'win32')('does not follow a link out of the folder', async () => {
    await symlink(root, join(into, 'lynx'))
    const photos = [{ path: await photo('a'), name: 'a.jpg', folder: 'lynx' }]
    await expect(run(photos)).rejects.toMatchObject({ code: 'classify/cannot-sort' })
    expect((await readdir(root)).includes('a.jpg')).toBe(false)
  })

  it('says which photo has gone', async () => {
    const photos = [{ path: join(root, 'gone'), name: 'a.jpg', folder: 'lynx' }]
    await expect(run(photos)).rejects.toMatchObject({ code: 'classify/cannot-sort', message: /a\.jpg.*0 were copied/ })
  })
})

describe('a safe name', () => {
  const one = { minLength: 1, maxLength: 1 }
  const character = fc.oneof(fc.string({ ...one, unit: 'binary-ascii' }), fc.string({ ...one, unit: 'grapheme' }))

  it('is one folder’s, short enough, and stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 300 }), (name) => {
        const safe = safeName(name)
        expect(safe).not.toMatch(/[<>:"/\\|?*\p{Cc}]|[. ]$/u)
        expect(safe).not.toMatch(/^$|^\.+$/)
        expect(Buffer.byteLength(safe)).toBeLessThan(255)
        expect(safeName(safe)).toBe(safe)
      }),
    )
  })

  it.each([
    ['grey wolf', 'grey wolf'],
    ['호랑이', '호랑이'],
    ['a/b', 'a_b'],
    ['nul', '_nul'],
    ['com1.txt', '_com1.txt'],
    ['trailing. ', 'trailing'],
    ['..', '_'],
  ])('of “%s” is “%s”', (name, safe) => expect(safeName(name)).toBe(safe))
})
