import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { applicationFolder } from './places.ts'

const electronFolder = join(applicationFolder, 'node_modules', 'electron')

/** Electron's program, null where its runtime (which is not in the npm package) has not been downloaded. Never downloads. */
export function electronProgram(): string | null {
  try {
    const file = readFileSync(join(electronFolder, 'path.txt'), 'utf8')
    const program = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(electronFolder, 'dist'), file)
    return existsSync(program) ? program : null
  } catch {
    return null
  }
}

/** Version of the npm package, null where it is not installed. */
export function electronVersion(): string | null {
  try {
    return (JSON.parse(readFileSync(join(electronFolder, 'package.json'), 'utf8')) as { version: string }).version
  } catch {
    return null
  }
}

/** Whether a window could be shown here. */
export const hasDisplay = (): boolean =>
  process.platform === 'win32' || process.platform === 'darwin'
    ? process.env.SSH_CONNECTION === undefined
    : Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY)

/** Opens an address in the person's own browser, as far as there is one. */
export function openInBrowser(url: string): void {
  const [program, ...given] =
    process.platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler', url]
      : [process.platform === 'darwin' ? 'open' : 'xdg-open', url]
  const child = spawn(program, given, { stdio: 'ignore', detached: true })
  // No browser to open: the address has been printed anyway.
  child.on('error', () => undefined)
  child.unref()
}
