import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { AppError, count, grouped, type Finding } from '../../contract/index.ts'
import type { TaskContext } from '../jobs/task.ts'
import { isPhotoName } from '../photos/index.ts'
import { extensions, partOf, type DroppedFile } from './dropped-file.ts'
import { examplesOf } from './findings.ts'
import { fileFailure } from './formats/failures.ts'
import { extractZip } from './formats/zip.ts'
import { listFolders, type Folder, type Listing } from './list-folders.ts'

export { fileKey, type DroppedFile } from './dropped-file.ts'

/** Everything that was dropped, zips opened. */
export interface Dropped {
  /** What is not a photo. */
  readonly files: readonly DroppedFile[]
  /** What calls itself a photo; nobody has looked into it. */
  readonly photos: readonly DroppedFile[]
  readonly findings: readonly Finding[]
}

/** Enough to find a dataset's few files. */
const mostFiles = 20_000
/** What is beyond is not looked at: a list of a million takes some hundred megabytes. */
const mostPhotos = 1_000_000

/**
 * Lists what was dropped (folders, files, zips) without following a link out of it.
 * Zips are unpacked below `scratch`, which the caller removes.
 */
export async function openDropped(
  paths: readonly string[],
  scratch: string,
  context: TaskContext,
  most = { files: mostFiles, photos: mostPhotos },
): Promise<Dropped> {
  const listing: Listing = { files: [], photos: [], links: [], nested: [], left: [], photosLeft: [] }
  const folders: Folder[] = []
  for (const path of paths) {
    const name = basename(path)
    try {
      const top = await realpath(path)
      const stats = await stat(top)
      // Of several folders each one's own name says what it is: it may be a class.
      const prefix = paths.length > 1 ? `${name}/` : ''
      if (stats.isDirectory()) folders.push({ path: top, top, dropped: name, prefix, depth: 0 })
      else if (stats.isFile()) listing[isPhotoName(name) ? 'photos' : 'files'].push({ path: top, name })
    } catch (thrown) {
      throw fileFailure(name, thrown)
    }
  }
  await listFolders(folders, listing, most, context)

  const files: DroppedFile[] = []
  const { photos } = listing
  let zips = 0
  for (const file of listing.files) {
    if (extname(file.name).toLowerCase() !== '.zip') {
      files.push(file)
      continue
    }
    const alone = paths.length === 1 && folders.length === 0
    const prefix = alone ? '' : `${file.name.slice(0, -'.zip'.length)}/`
    const wanted = (name: string): boolean => {
      if (!name.toLowerCase().endsWith('.zip')) return partOf(name) !== null
      listing.nested.push(prefix + name)
      return false
    }
    for (const { path, name } of await extractZip(file, join(scratch, String(zips++)), wanted, context)) {
      const unpacked = { path, name: prefix + name }
      if (!isPhotoName(name)) files.push(unpacked)
      else if (photos.length < most.photos) photos.push(unpacked)
      else if (listing.photosLeft.at(-1) !== file.name) listing.photosLeft.push(file.name)
    }
  }
  return { files, photos, findings: listingFindings(listing, most) }
}

/** What to call the dataset until the person says otherwise. */
export function suggestedName(paths: readonly string[]): string {
  const first = paths.at(0)
  if (first === undefined)
    throw new AppError('dataset/nothing-dropped', 'Nothing was dropped.', { next: 'Drop a folder.' })
  const extension = extname(first).toLowerCase()
  if (extension === '.zip') return basename(first, extname(first))
  return extensions.has(extension) || isPhotoName(first) ? basename(dirname(first)) : basename(first)
}

function listingFindings(
  { links, nested, left, photosLeft }: Listing,
  most: { files: number; photos: number },
): Finding[] {
  const findings: Finding[] = []
  if (links.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/link-not-followed',
      message: `${count(links.length, 'link leads', 'links lead')} out of what was dropped, to a folder or nowhere, and ${links.length === 1 ? 'was' : 'were'} not followed.`,
      next: 'Drop the folder that holds the files themselves.',
      examples: examplesOf(links),
    })
  }
  if (nested.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/nested-archive',
      message: `${count(nested.length, 'archive lies', 'archives lie')} within an archive and ${nested.length === 1 ? 'was' : 'were'} not opened.`,
      next: 'Unpack it and drop the folder if it is part of the dataset.',
      examples: examplesOf(nested),
    })
  }
  if (left.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/too-many-files',
      message: `Only the first ${grouped(most.files)} files that could be a dataset’s were looked at; folders not looked at to their end: ${grouped(left.length)}.`,
      next: 'Drop the folder that holds the dataset’s own files.',
      examples: left.slice(0, 20),
    })
  }
  if (photosLeft.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/too-many-photos',
      message: `Only the first ${grouped(most.photos)} photos were looked at; folders and archives not looked at to their end: ${grouped(photosLeft.length)}.`,
      next: 'Drop fewer classes.',
      examples: photosLeft.slice(0, 20),
    })
  }
  return findings
}
