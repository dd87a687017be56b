import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodesPhotos } from '../../scripts/electron-photos.ts'

/** The system's GLib, with which Electron's program is linked. */
const glib = ['/lib/x86_64-linux-gnu/libgobject-2.0.so.0', '/usr/lib64/libgobject-2.0.so.0'].find(existsSync)

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'unseen-electron-'))))
afterAll(() => rm(folder, { recursive: true }))

/** A program that runs Node in some way of its own. */
async function program(name: string, lines: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, `#!/bin/sh\n${lines}\n`)
  await chmod(path, 0o755)
  return path
}

describe.skipIf(process.platform !== 'linux')('photos in Electron’s processes', () => {
  it('are decoded where nothing is in the way', () => {
    expect(decodesPhotos(process.execPath)).toBe(true)
  })

  it.skipIf(glib === undefined)('are not where the system’s GLib takes the place of sharp’s own', async () => {
    expect(decodesPhotos(await program('linked', `LD_PRELOAD=${glib} exec "${process.execPath}" "$@"`))).toBe(false)
  })

  it('are not where it ends the process, or the program is none', async () => {
    expect(decodesPhotos(await program('crashing', 'kill -SEGV $$'))).toBe(false)
    expect(decodesPhotos(join(folder, 'missing'))).toBe(false)
  })
})
