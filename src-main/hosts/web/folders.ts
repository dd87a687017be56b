import { readdir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { AppError } from '../../contract/index.ts'
import { relativeSegments } from './relative-path.ts'

/** One level of the served folder. Paths are relative to it, with forward slashes; '' is the folder itself. */
export interface FolderListing {
  readonly path: string
  readonly parent: string | null
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

export interface FolderPicker {
  list(path: string): Promise<FolderListing>
  /** Where a path leads on the disk. Throws `folders/unknown` for what is not there, and equally for what lies outside. */
  locate(path: string): Promise<string>
}

/** Shows what lies inside `root` and nothing else: links are followed, and hidden where they lead out. */
export async function folderPicker(root: string): Promise<FolderPicker> {
  const top = await realpath(root).catch(() => undefined)
  if (top === undefined || !(await stat(top)).isDirectory()) {
    throw new AppError('folders/no-root', `There is no folder “${root}”.`, {
      next: 'Name an existing folder with --root.',
    })
  }
  const prefix = top.endsWith(sep) ? top : top + sep

  async function inside(path: string): Promise<string | undefined> {
    const real = await realpath(path).catch(() => undefined)
    return real !== undefined && (real === top || real.startsWith(prefix)) ? real : undefined
  }

  async function locate(path: string): Promise<string> {
    const real = await inside(path === '' ? top! : join(top!, ...relativeSegments(path)))
    if (real === undefined) {
      throw new AppError('folders/unknown', 'There is no such folder here.', {
        next: 'Go back and choose another one.',
      })
    }
    return real
  }

  return {
    locate,
    async list(path) {
      const folder = await locate(path)
      const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
        throw new AppError('folders/unknown', 'This folder cannot be read.', {
          next: 'Choose another one, or change its permissions.',
          cause,
        })
      })
      const folders: string[] = []
      const files: string[] = []
      for (const entry of entries) {
        if (entry.name.startsWith('.')) continue
        const target = entry.isSymbolicLink() ? await inside(join(folder, entry.name)) : undefined
        if (entry.isSymbolicLink() && target === undefined) continue
        const kind = target === undefined ? entry : await stat(target)
        if (kind.isDirectory()) folders.push(entry.name)
        else if (kind.isFile()) files.push(entry.name)
      }
      const order = new Intl.Collator('en', { numeric: true }).compare
      const parent = path === '' ? null : path.split('/').slice(0, -1).join('/')
      return { path, parent, folders: folders.sort(order), files: files.sort(order) }
    },
  }
}
