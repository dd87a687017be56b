import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { z } from 'zod'
import { AppError } from '../../contract/index.ts'

/**
 * Writes a file so that a reader sees the old content or the new, never a part, even after a power cut: temporary
 * file beside it, fsync, rename, fsync of the folder. `data` in pieces is never held in memory as a whole.
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      if (typeof data === 'string' || data instanceof Uint8Array) await file.writeFile(data)
      else for await (const piece of data) await writeAll(file, piece)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw diskFull(error, path) ?? error
  }
  await syncFolder(dirname(path))
}

/** Makes a rename inside `folder` last. Windows has no such call, and does so by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Throws `file/missing` and `file/damaged`. */
export async function readJson<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new AppError('file/missing', `The file “${basename(path)}” cannot be read.`, {
      next: 'Restore it from a copy of the workspace.',
      cause,
    })
  })
  try {
    return schema.parse(JSON.parse(text))
  } catch (cause) {
    throw new AppError('file/damaged', `The file “${basename(path)}” is not what it should be.`, {
      next: 'Restore it from a copy of the workspace.',
      cause,
    })
  }
}

// A write may take fewer bytes than it was given.
async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let done = 0; done < piece.byteLength;) {
    done += (await file.write(piece, done)).bytesWritten
  }
}

/** The failure that a write to `path` met, where the disk was full. */
export function diskFull(error: unknown, path: string): AppError | undefined {
  const code = (error as NodeJS.ErrnoException).code
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return undefined
  return new AppError('disk/full', `The disk is full: “${basename(path)}” was not written.`, {
    next: 'Free some space and try again. What was there before is unchanged.',
    cause: error,
  })
}
