// Runs on the oldest supported Node and without node_modules: it is what brings them.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const windows = process.platform === 'win32'

/** Why the installed packages are not those of the lock file, or null where they are. */
function whyInstall() {
  if (!existsSync(join(root, 'node_modules'))) return 'node_modules is missing'
  const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  let installed
  try {
    installed = read('node_modules/.package-lock.json')
  } catch {
    return 'node_modules is incomplete'
  }
  // Contents and not times: a checkout touches files without changing them. Optional packages may rightly be absent.
  const stale = Object.entries(read('package-lock.json')).some(([path, wanted]) => {
    if (path === '') return false
    const present = installed[path]
    return present ? present.version !== wanted.version : !(wanted.optional || wanted.devOptional || wanted.peer)
  })
  return stale ? 'node_modules is older than package-lock.json' : null
}

/** Installs where that is due, then runs a TypeScript script on the project's own Node and ends like it. */
export function runScript(script) {
  process.chdir(root)
  const reason = whyInstall()
  if (reason !== null) {
    console.log(`Running \`npm ci\`, because ${reason}.`)
    const npm = process.env.npm_execpath
    const { status } = npm
      ? spawnSync(process.execPath, [npm, 'ci'], { stdio: 'inherit' })
      : spawnSync('npm', ['ci'], { stdio: 'inherit', shell: windows })
    if (status !== 0) {
      console.error('`npm ci` failed, see above; nothing was started.')
      process.exit(1)
    }
  }
  const node = join(root, 'node_modules/node/bin', windows ? 'node.exe' : 'node')
  const child = spawn(existsSync(node) ? node : process.execPath, [script, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}` },
  })
  // The child decides when it is done. On Windows a console's Ctrl-C reaches both, and to send one would kill.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => windows || child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}
