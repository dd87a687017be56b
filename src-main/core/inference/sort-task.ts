import { constants } from 'node:fs'
import { copyFile, mkdir, realpath } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { AppError, grouped } from '../../contract/index.ts'
import type { Task } from '../jobs/task.ts'
import { safeName } from './safe-names.ts'

export interface SortInput {
  /** An existing folder that the person chose. */
  readonly into: string
  /** `name`: as it was dropped, with the folders above it; `folder`: what the new one is to be called. */
  readonly photos: readonly { readonly path: string; readonly name: string; readonly folder: string }[]
}

/** Copies photos into a folder each kind, never over anything: `lynx.jpg` beside another becomes `lynx (2).jpg`. */
export const sortTask: Task<SortInput, { readonly copied: number }> = {
  run: async ({ into, photos }, { signal, report }) => {
    const root = await realpath(into)
    const folders = new Map<string, string>()
    let copied = 0
    for (const { path, name, folder } of photos) {
      signal.throwIfAborted()
      const safe = safeName(folder)
      if (!folders.has(safe)) folders.set(safe, await folderIn(root, safe))
      try {
        await copyBeside(path, folders.get(safe)!, fileName(name))
      } catch (thrown) {
        throw copyFailure(name, copied, thrown)
      }
      copied += 1
      const message = `${grouped(copied)} of ${grouped(photos.length)} photos copied`
      report({ progress: copied / photos.length, message, secondsLeft: null })
    }
    return { copied }
  },
}

/** The last part of a name, made safe; a zip may have been made on any system. */
function fileName(name: string): string {
  const last = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
  const extension = extname(last)
  return safeName(last.slice(0, last.length - extension.length)) + safeName(extension).replace(/^_$/, '')
}

async function folderIn(root: string, name: string): Promise<string> {
  const path = join(root, name)
  try {
    await mkdir(path, { recursive: true })
    // A link that was there already may lead anywhere.
    if ((await realpath(path)) === path) return path
  } catch (cause) {
    throw new AppError('classify/cannot-sort', `The folder “${name}” cannot be made.`, {
      next: 'Choose another folder, where you may write.',
      cause,
    })
  }
  throw new AppError('classify/cannot-sort', `“${name}” leads out of the folder that you chose.`, {
    next: 'Choose another folder. Nothing was copied there.',
  })
}

/** The first free name of `lynx.jpg`, `lynx (2).jpg` … */
async function copyBeside(path: string, folder: string, name: string): Promise<void> {
  const extension = extname(name)
  const stem = name.slice(0, name.length - extension.length)
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${stem} (${number})${extension}`
    try {
      // Fails where there is one, also one that came a moment ago.
      await copyFile(path, join(folder, free), constants.COPYFILE_EXCL)
      return
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown
    }
  }
}

function copyFailure(name: string, copied: number, cause: unknown): AppError {
  const code = (cause as NodeJS.ErrnoException).code
  const before = `${grouped(copied)} were copied before it.`
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('disk/full', `The disk is full: “${name}” was not copied. ${before}`, {
      next: 'Free some space and sort again.',
      cause,
    })
  }
  return new AppError('classify/cannot-sort', `“${name}” cannot be copied. ${before}`, {
    next: 'Check that the photo is still where it was, and that you may write into the folder.',
    cause,
  })
}
