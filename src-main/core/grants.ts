import { randomUUID } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AppError, type Grant } from '../contract/index.ts'

/** What the person let the application read: ids for the page, paths for us. A page can name nothing else. */
export interface Grants {
  /** `onRelease`: whatever was kept for it can go. Throws `grant/not-found` and `grant/not-a-file`. */
  add(path: string, onRelease?: () => void): Promise<Grant>
  /** The real path behind an id. Throws `grant/unknown`. */
  resolve(id: string): string
  /** Ends it; one that is not known has ended already. */
  release(id: string): void
}

export function createGrants(): Grants {
  const granted = new Map<string, { path: string; onRelease: (() => void) | undefined }>()
  return {
    async add(path, onRelease) {
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
      granted.set(id, { path: target, onRelease })
      return { id, name: basename(path) || target, kind: status.isFile() ? 'file' : 'folder' }
    },
    resolve(id) {
      const grant = granted.get(id)
      if (grant !== undefined) return grant.path
      throw new AppError('grant/unknown', 'The application no longer has leave to read this file or folder.', {
        next: 'Drop or choose it again.',
      })
    },
    release(id) {
      const grant = granted.get(id)
      granted.delete(id)
      grant?.onRelease?.()
    },
  }
}
