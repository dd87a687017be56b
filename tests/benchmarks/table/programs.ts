import { execFileSync, spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '../../..')
const python = process.env.PYTHON ?? 'python3'

/** The JSON object that a program leaves on its last line. */
function lastLine(command: string, words: readonly string[]): unknown {
  const text = execFileSync(command, words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return JSON.parse(text.trimEnd().split('\n').at(-1))
}

/** `unseen …` of the bundle. */
export const unseen = (...words: string[]): unknown =>
  lastLine(process.execPath, [join(root, 'out/main/cli.js'), ...words, '--json'])

/** A program of tests/reference. */
export const reference = (name: string, ...words: string[]): unknown =>
  lastLine(python, [join('tests/reference', name), ...words])

/** PyTorch's version, or null where Python ($PYTHON, else python3) has none. */
export function torchVersion(): string | null {
  const { status, stdout } = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : null
}
