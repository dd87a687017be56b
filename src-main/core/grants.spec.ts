import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGrants } from './grants.ts'

let folder: string
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'unseen-grants-')))
  await writeFile(join(folder, 'a.zip'), '')
  await symlink(join(folder, 'a.zip'), join(folder, 'link'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('grants', () => {
  it('stand for a path without telling it, until they are released', async () => {
    const grants = createGrants()
    const file = await grants.add(join(folder, 'a.zip'))
    const whole = await grants.add(folder)
    expect(file).toMatchObject({ name: 'a.zip', kind: 'file' })
    expect(whole.kind).toBe('folder')
    expect(JSON.stringify(file)).not.toContain(folder)
    expect(grants.resolve(file.id)).toBe(join(folder, 'a.zip'))
    grants.release(file.id)
    expect(() => grants.resolve(file.id)).toThrow(expect.objectContaining({ code: 'grant/unknown' }))
    expect(grants.resolve(whole.id)).toBe(folder)
  })

  it('tell once that they are released', async () => {
    const grants = createGrants()
    let told = 0
    const { id } = await grants.add(folder, () => told++)
    grants.release('another')
    expect(told).toBe(0)
    grants.release(id)
    grants.release(id)
    expect(told).toBe(1)
  })

  it('mean what a link pointed to when they were given', async () => {
    const grants = createGrants()
    const { id } = await grants.add(join(folder, 'link'))
    await rm(join(folder, 'link'))
    await symlink('/', join(folder, 'link'))
    expect(grants.resolve(id)).toBe(join(folder, 'a.zip'))
  })

  it('are not given for what is not there or is no file', async () => {
    const grants = createGrants()
    await expect(grants.add(join(folder, 'no'))).rejects.toMatchObject({ code: 'grant/not-found' })
    if (process.platform !== 'win32') {
      await expect(grants.add('/dev/null')).rejects.toMatchObject({ code: 'grant/not-a-file' })
    }
  })

  it('cannot be guessed or made up from a path', () => {
    const grants = createGrants()
    for (const id of [folder, '', '../..', 'toString']) {
      expect(() => grants.resolve(id)).toThrow(expect.objectContaining({ code: 'grant/unknown' }))
    }
  })
})
