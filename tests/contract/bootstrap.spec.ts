import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'unseen-bootstrap-'))
  mkdirSync(join(project, 'scripts'))
  cpSync(resolve(import.meta.dirname, '../../scripts/bootstrap.mjs'), join(project, 'scripts/bootstrap.mjs'))
  write('scripts/start.mjs', "import { runScript } from './bootstrap.mjs'\nrunScript('scripts/app.mjs')\n")
  write('scripts/app.mjs', "console.log('started with', process.argv.slice(2).join(' '))\nprocess.exitCode = 7\n")
  write(
    'npm.mjs',
    "console.log('npm', process.argv.slice(2).join(' '))\nprocess.exitCode = Number(process.env.NPM_CODE ?? 0)\n",
  )
  lock('package-lock.json', { a: { version: '1.0.0' }, b: { version: '2.0.0', optional: true } })
})
afterEach(() => rmSync(project, { recursive: true }))

const write = (path: string, text: string): void => writeFileSync(join(project, path), text)

function lock(path: string, packages: Record<string, { version: string; optional?: boolean }>): void {
  mkdirSync(join(project, path, '..'), { recursive: true })
  const entries = Object.entries(packages).map(([name, entry]) => [`node_modules/${name}`, entry])
  write(path, JSON.stringify({ packages: { '': { version: '0.0.0' }, ...(Object.fromEntries(entries) as object) } }))
}

/** Runs the project's start with a stand-in for npm. */
function start(environment: NodeJS.ProcessEnv = {}): { status: number | null; stdout: string } {
  return spawnSync(process.execPath, [join(project, 'scripts/start.mjs'), 'x', 'y'], {
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: join(project, 'npm.mjs'), ...environment },
  })
}

it('starts at once where the packages are those of the lock file, optional ones aside', () => {
  lock('node_modules/.package-lock.json', { a: { version: '1.0.0' } })
  expect(start()).toMatchObject({ status: 7, stdout: 'started with x y\n' })
})

const older = 'node_modules is older than package-lock.json'
const stale: readonly (readonly [reason: string, arrange: () => void])[] = [
  ['node_modules is missing', () => undefined],
  ['node_modules is incomplete', () => mkdirSync(join(project, 'node_modules'))],
  [older, () => lock('node_modules/.package-lock.json', { a: { version: '0.9.0' } })],
  [older, () => lock('node_modules/.package-lock.json', { b: { version: '2.0.0' } })],
]

it.each(stale)('installs first, and says that %s', (reason, arrange) => {
  arrange()
  const { status, stdout } = start()
  expect(stdout).toContain(`because ${reason}.`)
  expect(stdout).toMatch(/npm ci\nstarted with x y\n$/)
  expect(status).toBe(7)
})

it('starts nothing when the installation fails', () => {
  expect(start({ NPM_CODE: '1' })).toMatchObject({
    status: 1,
    stdout: expect.not.stringContaining('started') as unknown,
  })
})

it.skipIf(process.platform === 'win32')('ends as a shell does when what it started was ended by a signal', () => {
  lock('node_modules/.package-lock.json', { a: { version: '1.0.0' } })
  write('scripts/app.mjs', "process.kill(process.pid, 'SIGKILL')\n")
  expect(start().status).toBe(137)
})
