import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'
import { electronProgram, hasDisplay } from '../src-main/hosts/cli/desktop.ts'
import { ensureBuilt } from './build.ts'

const root = resolve(import.meta.dirname, '..')
const startsWithin = 10_000 // ms in which an Electron that cannot run here (no sandbox, a dead display) has given up
const longestDownload = 5 * 60_000 // ms; beyond that, a browser is the quicker way in

/** Electron's runtime, downloaded where that is due and possible. Null, after saying why, where there is none. */
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
  return program
}

if (!ensureBuilt()) {
  console.error('The build failed, see above.')
  process.exit(1)
}

let asked: NodeJS.Signals | null = null
let child: ChildProcess

function serve(): void {
  const words = ['serve', ...(hasDisplay() ? ['--open'] : []), ...process.argv.slice(2)]
  child = spawn(process.execPath, [resolve(root, 'out/main/cli.js'), ...words], { stdio: 'inherit' })
  child.on('exit', (code) => process.exit(code ?? 1))
}

function open(program: string): void {
  const started = performance.now()
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: undefined } // set, it would make a plain Node of the application
  child = spawn(program, [root, ...process.argv.slice(2)], { stdio: 'inherit', env })
  const ended = (code: number | null): void => {
    if (code === 0 || asked !== null || performance.now() - started > startsWithin) process.exit(code ?? 1)
    console.log('Electron could not start here, so the application is served to a browser instead.')
    serve()
  }
  child.once('error', () => ended(1))
  child.once('exit', ended)
}

const program = desktop()
if (program === null) serve()
else open(program)
process.on('SIGINT', () => (asked = 'SIGINT')) // reaches the child as well, which then closes in its own time
process.on('SIGTERM', () => {
  asked = 'SIGTERM'
  child.kill('SIGTERM')
})
