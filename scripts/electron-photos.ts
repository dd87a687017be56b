import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

const trial = `
  const { default: sharp } = await import('sharp')
  const photo = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } }).jpeg().toBuffer()
  await Promise.all(Array.from({ length: 8 }, () => sharp(photo).resize(16).raw().toBuffer()))`

/**
 * Whether photos can be decoded in Electron's processes, tried in one. On Linux its program is linked with the system's
 * GLib, and sharp's library brings another: where the two get mixed up, decoding ends the process sooner or later
 * (https://sharp.pixelplumbing.com/install#electron-and-linux).
 */
export function decodesPhotos(program: string): boolean {
  if (process.platform !== 'linux') return true
  const { status, stderr } = spawnSync(program, ['--input-type=module', '--eval', trial], {
    cwd: resolve(import.meta.dirname, '..'),
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 20_000,
  })
  return status === 0 && !stderr.includes('GLib')
}
