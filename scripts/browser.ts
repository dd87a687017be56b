import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { findBrowser, type Browser } from '../src-main/hosts/cli/browser.ts'

const longest = 5 * 60_000 // ms that one way of installing may take

function execute(command: string, words: readonly string[], more: NodeJS.ProcessEnv = {}): boolean {
  const { status } = spawnSync(command, words, {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: longest,
    env: { ...process.env, ...more },
    shell: process.platform === 'win32',
  })
  return status === 0
}

/** A browser of this machine; else one installed: the one that Playwright downloads, or as root on Debian its package. */
export function provideBrowser(): Browser | null {
  const found = findBrowser()
  if (found) return found
  if (process.env.UNSEEN_BROWSER) {
    console.error('$UNSEEN_BROWSER names no program that can be run.')
    return null
  }
  console.log('There is no Chrome, Edge or Chromium here: installing Playwright’s.')
  execute('playwright', ['install', 'chromium'], { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' })
  const downloaded = findBrowser()
  if (downloaded) return downloaded
  if (existsSync('/etc/debian_version') && process.getuid?.() === 0) {
    console.log('That could not be had: installing Debian’s package.')
    const quiet = { DEBIAN_FRONTEND: 'noninteractive' }
    if (execute('apt-get', ['update'], quiet)) {
      execute('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], quiet)
    }
  }
  const installed = findBrowser()
  if (!installed)
    console.error('No browser could be had. Install Chrome, Edge or Chromium, or name one in $UNSEEN_BROWSER.')
  return installed
}
