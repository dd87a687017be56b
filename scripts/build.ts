import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const sources = ['src-main', 'src-renderer', 'resources', 'electron.vite.config.ts', 'package-lock.json']
const products = [
  'out/main/cli.js',
  'out/main/node-job.js',
  'out/main/lane.js',
  'out/main/electron.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html',
]

/** Latest change below a file or folder, ms; 0 where there is none. Tests and compiled kernels do not count. */
function changed(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false })
  if (!status) return 0
  if (!status.isDirectory()) return /\.spec\.ts$|generated\.ts$/.test(path) ? 0 : status.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => changed(join(path, name))))
}

/** Builds out/ where it is missing or older than its sources, and says so. Returns whether it is up to date now. */
export function ensureBuilt(): boolean {
  const newest = Math.max(...sources.map((path) => changed(join(root, path))))
  const oldest = Math.min(...products.map((path) => changed(join(root, path))))
  if (oldest > newest) return true
  console.log(`Building, because out/ is ${oldest === 0 ? 'incomplete' : 'older than its sources'}.`)
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  return status === 0
}
