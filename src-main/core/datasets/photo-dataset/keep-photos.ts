import { mkdir, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AppError, grouped, type Finding } from '../../../contract/index.ts'
import { photoExtensions, photoHash, readPhoto, readPhotoInfo } from '../../photos/index.ts'
import type { DroppedFile } from '../dropped-file.ts'
import { createSieve } from '../left-out.ts'
import { writeSynced } from './journal.ts'
import { photoPath } from './read.ts'
import type { Photo } from './state.ts'
import type { ThumbnailCache } from './thumbnails.ts'

export interface KeptPhoto extends Omit<Photo, 'removed'> {
  /** Which of the files it is. */
  readonly source: number
}

export interface KeptPhotos {
  /** In the order of the files. */
  readonly photos: readonly KeptPhoto[]
  /** What was left out, and why. */
  readonly findings: readonly Finding[]
}

/** As many as Node has threads for decoding and for the disk. Each can take a gigabyte where it is as large as is allowed. */
const mostAtOnce = 4

/**
 * Reads each file once: its hash, its size, whether all of it is there (its thumbnail is made), and copies it to
 * `photos/` below `folder`. Left out are files that cannot be read and those whose bytes came before, in `known` or
 * among the files.
 */
export async function keepPhotos(
  files: readonly DroppedFile[],
  options: {
    readonly folder: string
    readonly thumbnails: ThumbnailCache
    readonly known: ReadonlySet<string>
    /** Name of the class of each file. */
    readonly classOf: (source: number) => string
    readonly signal: AbortSignal
    readonly onProgress: (done: number) => void
  },
): Promise<KeptPhotos> {
  const { folder, thumbnails, known, classOf, signal, onProgress } = options
  await mkdir(folder, { recursive: true })
  await requireRoom(folder, files, signal)

  const read: (Omit<KeptPhoto, 'source' | 'file'> | AppError)[] = []
  const copies = new Map<string, Promise<void>>()
  async function keep(path: string): Promise<(typeof read)[number]> {
    try {
      const bytes = await readPhoto(path)
      const { width, height, format } = await readPhotoInfo(bytes)
      const photo = { sha256: photoHash(bytes), extension: photoExtensions[format], width, height }
      await thumbnails.make(photo.sha256, bytes)
      if (!known.has(photo.sha256)) {
        if (!copies.has(photo.sha256)) copies.set(photo.sha256, copy(photoPath(folder, photo), bytes))
        await copies.get(photo.sha256)
      }
      return photo
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code.startsWith('photo/')) return thrown
      throw thrown
    }
  }

  let next = 0
  let done = 0
  async function work(): Promise<void> {
    while (next < files.length) {
      signal.throwIfAborted()
      const index = next++
      read[index] = await keep(files[index].path)
      onProgress(++done)
    }
  }
  const workers = Array.from({ length: mostAtOnce }, work)
  // All have ended before anything is removed.
  const ended = await Promise.allSettled(workers)
  const failed = ended.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason

  const sieve = createSieve(known)
  const photos = read.flatMap((photo, source) => {
    const { name: file } = files[source]
    const taken = sieve.take({ file, class: classOf(source), read: photo })
    return taken && !(photo instanceof AppError) ? [{ source, file, ...photo }] : []
  })
  return { photos, findings: sieve.findings() }
}

async function copy(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeSynced(path, bytes)
}

/** Thumbnails and tables come to little beside the photos. */
async function requireRoom(folder: string, files: readonly DroppedFile[], signal: AbortSignal): Promise<void> {
  let needed = 0
  for (const { path } of files) {
    signal.throwIfAborted()
    needed += await stat(path).then(
      ({ size }) => size,
      () => 0,
    )
  }
  const { bavail, bsize } = await statfs(folder)
  if (needed < bavail * bsize) return
  throw new AppError(
    'dataset/disk-full',
    `The photos take ${grouped(Math.ceil(needed / 2 ** 20))} MB, and the disk has less.`,
    { next: 'Free some space and import again. Nothing was written.' },
  )
}
