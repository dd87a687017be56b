import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Part } from './part.ts'

// Linux has a file that is always full.
it.skipIf(process.platform !== 'linux')('a part says when the disk is full', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unseen-part-'))
  const target = join(folder, 'model.onnx')
  await symlink('/dev/full', `${target}.part`)
  async function* pieces() {
    yield await Promise.resolve(Uint8Array.of(1, 2, 3))
  }
  await expect(new Part(target).append(pieces(), () => undefined)).rejects.toMatchObject({ code: 'disk/full' })
  await rm(folder, { recursive: true })
})
