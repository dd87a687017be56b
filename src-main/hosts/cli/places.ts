import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

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
