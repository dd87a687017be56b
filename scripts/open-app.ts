import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { constants } from 'node:os'
import { resolve } from 'node:path'
import { electronProgram, hasDisplay } from '../src-main/hosts/cli/desktop.ts'
import { ensureBuilt } from './build.ts'
import { decodesPhotos } from './electron-photos.ts'

const root = resolve(import.meta.dirname, '..')
const startsWithin = 10_000 // ms in which an Electron that cannot run here (no sandbox, a dead display) has given up
const echo = 500 // ms within which a signal that comes again is the same one, by another way
const longestDownload = 5 * 60_000 // ms; beyond that, a browser is the quicker way in

/** Electron's runtime, downloaded where that is due and possible. Null, after saying why, where it is of no use. */
function desktop(): string | null {
  const instead = 'so the application is served to a browser instead.'
  if (!hasDisplay()) {
    console.log(`There is no display to open a window on, ${instead}`)
    return null
  }
  if (electronProgram() === null) {
    console.log('Downloading Electron’s runtime (about 120 MB), once.')
    spawnSync(process.execPath, [resolve(root, 'node_modules/electron/install.js')], {
      timeout: longestDownload,
      stdio: 'ignore',
    })
  }
  const program = electronProgram()
  if (program === null) console.log(`Electron’s runtime could not be downloaded, ${instead}`)
  else if (!decodesPhotos(program)) console.log(`Electron’s libraries break the reading of photos here, ${instead}`)
  else return program
  return null
}

if (!ensureBuilt()) {
  console.error('The build failed, see above.')
  process.exit(1)
}

const windows = process.platform === 'win32'
// A process group of its own, so that a terminal's Ctrl-C comes by way of this process and only once. (Windows has none.)
const options: SpawnOptions = { stdio: 'inherit', detached: !windows }
let asked = -Infinity // when a signal was last handed on
let child: ChildProcess

function end(code: number | null, signal: NodeJS.Signals | null): never {
  process.exit(code ?? (signal === null ? 1 : 128 + constants.signals[signal]))
}

function serve(): void {
  const words = ['serve', ...(hasDisplay() ? ['--open'] : []), ...process.argv.slice(2)]
  child = spawn(process.execPath, [resolve(root, 'out/main/cli.js'), ...words], options)
  child.on('exit', end)
}

function open(program: string): void {
  const started = performance.now()
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: undefined } // set, it would make a plain Node of the application
  child = spawn(program, [root, ...process.argv.slice(2)], { ...options, env })
  const ended = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (code === 0 || asked > 0 || performance.now() - started > startsWithin) end(code, signal)
    console.log('Electron could not start here, so the application is served to a browser instead.')
    serve()
  }
  child.once('error', () => ended(1, null))
  child.once('exit', ended)
}

const program = desktop()
if (program === null) serve()
else open(program)
// The application closes in its own time; a second Ctrl-C hurries it, so that the echo of the first must not count.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (performance.now() - asked < echo) return
    asked = performance.now()
    if (!windows) child.kill(signal)
  })
}
