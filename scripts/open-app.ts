import { spawn, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { electronProgram, hasDisplay } from '../src-main/hosts/cli/desktop.ts'
import { ensureBuilt } from './build.ts'

const root = resolve(import.meta.dirname, '..')
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
const program = desktop()
const child =
  program === null
    ? spawn(
        process.execPath,
        [resolve(root, 'out/main/cli.js'), 'serve', ...(hasDisplay() ? ['--open'] : []), ...process.argv.slice(2)],
        { stdio: 'inherit' },
      )
    : spawn(program, [root, ...process.argv.slice(2)], { stdio: 'inherit' })
process.on('SIGINT', () => undefined) // reaches the child as well, which then closes in its own time
process.on('SIGTERM', () => child.kill('SIGTERM'))
child.on('exit', (code) => process.exit(code ?? 1))
