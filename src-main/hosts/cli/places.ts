import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

/** Folder of the application: the nearest one upwards with a package.json, from the sources as from the bundle. */
export const applicationFolder = ((): string => {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
})()

export const version = (
  JSON.parse(readFileSync(join(applicationFolder, 'package.json'), 'utf8')) as { readonly version: string }
).version

/** What a job process starts with: beside the bundle, or the source when this file is one. */
export const jobEntry = import.meta.filename.endsWith('.ts')
  ? join(applicationFolder, 'src-main/hosts/node/job-process.ts')
  : join(applicationFolder, 'out/main/node-job.js')

export const pagesFolder = join(applicationFolder, 'out/renderer')

/** The workspace of --workspace or $UNSEEN_WORKSPACE, else the platform's folder for application data. */
export function workspaceFolder(given: string | undefined): string {
  const chosen = given ?? process.env.UNSEEN_WORKSPACE
  return chosen ? resolve(chosen) : join(dataFolder(), 'workspace')
}

function dataFolder(): string {
  if (process.platform === 'win32') return join(process.env.APPDATA ?? join(homedir(), 'AppData', 'Roaming'), 'Unseen')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Unseen')
  return join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'unseen')
}
