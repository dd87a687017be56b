import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Browser {
  readonly name: string
  readonly path: string
}

const onPath = [
  ['Google Chrome', ['google-chrome-stable', 'google-chrome']],
  ['Chromium', ['chromium', 'chromium-browser']],
  ['Microsoft Edge', ['microsoft-edge-stable', 'microsoft-edge']],
] as const

const programs = (...below: string[]): string[] =>
  [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].flatMap((folder) =>
    folder === undefined ? [] : [join(folder, ...below)],
  )

/** Where the installers of each platform put a browser of the Chromium family. */
function usualPlaces(): Browser[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Microsoft Edge', 'Chromium'].flatMap((name) =>
      ['/Applications', join(homedir(), 'Applications')].map((folder) => ({
        name,
        path: join(folder, `${name}.app`, 'Contents', 'MacOS', name),
      })),
    )
  }
  if (process.platform === 'win32') {
    return [
      ...programs('Google', 'Chrome', 'Application', 'chrome.exe').map((path) => ({ name: 'Google Chrome', path })),
      ...programs('Microsoft', 'Edge', 'Application', 'msedge.exe').map((path) => ({ name: 'Microsoft Edge', path })),
      ...programs('Chromium', 'Application', 'chrome.exe').map((path) => ({ name: 'Chromium', path })),
    ]
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  return onPath.flatMap(([name, files]) =>
    files.flatMap((file) => folders.map((folder) => ({ name, path: join(folder, file) }))),
  )
}

const inside: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['chrome-linux64/chrome', 'chrome-linux/chrome'],
  darwin: [
    'chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
    'chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing',
    'chrome-mac/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: ['chrome-win64/chrome.exe', 'chrome-win/chrome.exe'],
}

/** What `playwright install chromium` downloaded, newest first. */
function playwrightsOwn(): Browser[] {
  const usual = {
    linux: join(homedir(), '.cache', 'ms-playwright'),
    darwin: join(homedir(), 'Library', 'Caches', 'ms-playwright'),
    win32: join(process.env.LOCALAPPDATA ?? '', 'ms-playwright'),
  }[process.platform as string]
  const folder = process.env.PLAYWRIGHT_BROWSERS_PATH ?? usual
  if (folder === undefined || !existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)))
    .flatMap((name) =>
      (inside[process.platform] ?? []).map((file) => ({
        name: 'Playwright’s Chromium',
        path: join(folder, name, file),
      })),
    )
}

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** A Chrome, Edge or Chromium of this machine: the one $UNSEEN_BROWSER names, else the first found in the usual places. */
export function findBrowser(): Browser | null {
  const named = process.env.UNSEEN_BROWSER
  if (named) return runnable(named) ? { name: '$UNSEEN_BROWSER', path: named } : null
  return [...usualPlaces(), ...playwrightsOwn()].find(({ path }) => runnable(path)) ?? null
}
