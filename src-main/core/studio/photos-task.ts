import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, count, grouped, type Finding } from '../../contract/index.ts'
import { createExtractor, failedFindings, type BackboneSetup } from '../backbones/index.ts'
import { examplesOf, openDropped } from '../datasets/index.ts'
import type { Task } from '../jobs/task.ts'
import { photoExtensions, readPhoto, readPhotoInfo } from '../photos/index.ts'
import { writeFileAtomic } from '../workspace/index.ts'
import type { BookPhoto } from './book.ts'
import { bookFiles } from './book-store.ts'
import { writePhotoFeatures } from './photo-means.ts'

export interface ClassPhotosInput {
  readonly backbone: BackboneSetup
  /** Folder of the run, whose `class-photos/` takes them. */
  readonly folder: string
  /** What was dropped, or photos that are known one by one. */
  readonly from:
    { readonly dropped: readonly string[] } | { readonly photos: readonly { path: string; name: string }[] }
  /** Where zips may be unpacked; whoever named it removes it. */
  readonly scratch: string
  /** SHA-256 of those that the class has. */
  readonly known: readonly string[]
}

/** The first photos of a class; with more of them it is time to train. */
const mostPhotos = 1000

/** Copies photos into a run's folder, each with its features beside it. */
export const classPhotosTask: Task<ClassPhotosInput, { readonly photos: BookPhoto[]; readonly findings: Finding[] }> = {
  run: async ({ backbone, folder, from, scratch, known }, { signal, report }) => {
    report({ progress: null, message: 'Looking for photos', secondsLeft: null })
    const files = 'photos' in from ? from.photos : (await openDropped(from.dropped, scratch, { signal, report })).photos
    if (files.length === 0) {
      throw new AppError('classes/no-photos', 'There are no photos in what was dropped.', {
        next: 'Drop photos (JPEG, PNG, WebP, AVIF, TIFF, GIF or BMP), or a folder or zip of them.',
      })
    }
    if (files.length > mostPhotos) {
      throw new AppError(
        'classes/too-many-photos',
        `These are ${grouped(files.length)} photos; a class takes ${grouped(mostPhotos)} without training.`,
        { next: 'Give it some of them, or add it to the dataset and train again.' },
      )
    }
    const { photos: into } = bookFiles(folder)
    await mkdir(into, { recursive: true })
    const taken = new Set(known)
    const photos: BookPhoto[] = []
    const [unreadable, repeated]: string[][] = [[], []]
    const extractor = await createExtractor({ ...backbone, signal })
    try {
      for await (const { at, features, sha256 } of extractor.extract(files)) {
        signal.throwIfAborted()
        const { path, name } = files[at]
        if (features === null || sha256 === null) unreadable.push(name)
        else if (taken.has(sha256)) repeated.push(name)
        else {
          taken.add(sha256)
          const extension = await keep(path, join(into, sha256))
          await writePhotoFeatures(folder, sha256, features)
          photos.push({ sha256, extension, name: name.slice(name.lastIndexOf('/') + 1) })
        }
        const message = `${count(at + 1, 'photo')} of ${grouped(files.length)}`
        report({ progress: (at + 1) / files.length, message, secondsLeft: null })
      }
    } finally {
      await extractor.release()
    }
    return {
      photos,
      findings: [
        ...leftOut(unreadable, 'cannot be read', 'unreadable'),
        ...leftOut(repeated, 'the class has already', 'repeated'),
        ...failedFindings(extractor.failed),
      ],
    }
  },
}

/** @returns the extension under which its bytes are kept. */
async function keep(path: string, place: string): Promise<string> {
  const bytes = await readPhoto(path)
  const extension = photoExtensions[(await readPhotoInfo(bytes)).format]
  if (!existsSync(`${place}.${extension}`)) await writeFileAtomic(`${place}.${extension}`, bytes)
  return extension
}

function leftOut(names: readonly string[], why: string, code: string): Finding[] {
  if (names.length === 0) return []
  const message = `Left out: ${count(names.length, 'photo')} that ${why}.`
  return [{ level: 'warning', code: `classes/photos-${code}`, message, examples: examplesOf(names) }]
}
