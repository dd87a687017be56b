import { randomUUID } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError, type Grant } from '../contract/index.ts'

/** What the person let the application read: ids for the page, paths for us. A page can name nothing else. */
export interface Grants {
  /** Throws `grant/not-found` and `grant/not-a-file`. */
  add(path: string): Promise<Grant>
  /** The real path behind an id. Throws `grant/unknown`. */
  resolve(id: string): string
  release(id: string): void
}

export function createGrants(): Grants {
  const paths = new Map<string, string>()
  return {
    async add(path) {
      const target = await realpath(path).catch((cause: unknown) => {
        throw new AppError('grant/not-found', `“${basename(path)}” cannot be opened.`, {
          next: 'Check that it still exists and that you may read it.',
          cause,
        })
      })
      const status = await stat(target)
      if (!status.isFile() && !status.isDirectory()) {
        throw new AppError('grant/not-a-file', `“${basename(path)}” is neither a file nor a folder.`, {
          next: 'Choose a folder, a zip or the files of a dataset.',
        })
      }
      const id = randomUUID()
      paths.set(id, target)
      return { id, name: basename(path) || target, kind: status.isFile() ? 'file' : 'folder' }
    },
    resolve(id) {
      const path = paths.get(id)
      if (path !== undefined) return path
      throw new AppError('grant/unknown', 'The application no longer has leave to read this file or folder.', {
        next: 'Drop or choose it again.',
      })
    },
    release: (id) => void paths.delete(id),
  }
}
