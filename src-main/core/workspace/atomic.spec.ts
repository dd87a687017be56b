import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readJson, writeFileAtomic } from './atomic.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-atomic-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('writeFileAtomic', () => {
  it('writes text, bytes and pieces, and leaves no other file', async () => {
    const path = join(folder, 'a')
    await writeFileAtomic(path, 'föhn')
    expect(await readFile(path, 'utf8')).toBe('föhn')
    await writeFileAtomic(path, Uint8Array.of(0, 255))
    expect([...(await readFile(path))]).toEqual([0, 255])
    await writeFileAtomic(path, [Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)])
    expect([...(await readFile(path))]).toEqual([1, 2, 3])
    expect(await readdir(folder)).toEqual(['a'])
  })

  it('leaves the old content, whole, when the writing fails', async () => {
    const path = join(folder, 'a')
    await writeFile(path, 'old')
    async function* failing() {
      yield await Promise.resolve(Uint8Array.of(1, 2, 3))
      throw new Error('no more')
    }
    await expect(writeFileAtomic(path, failing())).rejects.toThrow('no more')
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['a'])
  })

  it('ends with one of two contents that are written at the same time', async () => {
    const path = join(folder, 'a')
    const contents = Array.from({ length: 8 }, (_, index) => String(index).repeat(100_000))
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)))
    expect(contents).toContain(await readFile(path, 'utf8'))
    expect(await readdir(folder)).toEqual(['a'])
  })
})

describe('readJson', () => {
  const schema = z.object({ a: z.number() })

  it.each([
    ['{"a": 1', 'file/damaged'],
    ['{"a": "1"}', 'file/damaged'],
    [undefined, 'file/missing'],
  ])('tells what is wrong with %s', async (content, code) => {
    const path = join(folder, 'a.json')
    if (content !== undefined) await writeFile(path, content)
    await expect(readJson(path, schema)).rejects.toMatchObject({ code })
  })

  it('reads what fits the schema', async () => {
    await writeFile(join(folder, 'a.json'), '{"a": 1, "b": 2}')
    expect(await readJson(join(folder, 'a.json'), schema)).toEqual({ a: 1 })
  })
})
