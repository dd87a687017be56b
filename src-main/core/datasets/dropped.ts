import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import { AppError, type Finding } from '../../contract/index.ts'
import { fileFailure } from './formats/failures.ts'
import { extractZip } from './formats/zip.ts'

export interface DroppedFile {
  readonly path: string
  /** What the person knows it by: its path inside what was dropped. */
  readonly name: string
}

/** Everything that was dropped, zips opened. */
export interface Dropped {
  readonly files: readonly DroppedFile[]
  readonly findings: readonly Finding[]
}

/** A dataset lies at most this deep inside a dropped folder. */
const deepest = 3
/** Enough to find a dataset's few files; a folder of a million photographs is not listed to its end. */
const mostFiles = 20_000

const extensions = new Set(['.mat', '.npy', '.csv', '.json', '.txt', '.zip'])
const hidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX'

/** The last part of a file's name, in lower case: how layouts recognise it. */
export const fileKey = (file: DroppedFile): string => file.name.slice(file.name.lastIndexOf('/') + 1).toLowerCase()

/**
 * Lists what was dropped (folders, files, zips) without following a link out of it.
 * Zips are unpacked below `scratch`, which the caller removes.
 */
export async function openDropped(paths: readonly string[], scratch: string, signal: AbortSignal): Promise<Dropped> {
  const listing: Listing = { files: [], outside: [], left: mostFiles }
  for (const path of paths) {
    try {
      const top = await realpath(path)
      const stats = await stat(top)
      if (stats.isDirectory()) await list(top, top, 0, listing, signal)
      else if (stats.isFile()) listing.files.push({ path: top, name: basename(path) })
    } catch (thrown) {
      throw fileFailure(basename(path), thrown)
    }
  }
  const files: DroppedFile[] = []
  for (const file of listing.files) {
    if (extname(file.name).toLowerCase() === '.zip') {
      files.push(...(await extractZip(file, join(scratch, String(files.length)), wanted, signal)))
    } else files.push(file)
  }
  return { files, findings: listingFindings(listing) }
}

interface Listing {
  files: DroppedFile[]
  /** Links that lead outside of what was dropped. */
  outside: string[]
  left: number
}

async function list(top: string, folder: string, depth: number, listing: Listing, signal: AbortSignal): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    signal.throwIfAborted()
    if (listing.left-- <= 0) return
    if (hidden(entry.name)) continue
    const path = join(folder, entry.name)
    const name = relative(top, path).split(sep).join('/')
    if (entry.isDirectory()) {
      if (depth + 1 < deepest) await list(top, path, depth + 1, listing, signal)
    } else if (entry.isFile()) {
      if (wanted(name)) listing.files.push({ path, name })
    } else if (entry.isSymbolicLink() && wanted(name)) {
      const target = await realpath(path).catch(() => null)
      if (target === null || !target.startsWith(top + sep)) listing.outside.push(name)
      else if ((await lstat(target)).isFile()) listing.files.push({ path: target, name })
    }
  }
}

/** Whether a file of this name can be part of a dataset. */
function wanted(name: string): boolean {
  return extensions.has(extname(name).toLowerCase()) && !name.split('/').some(hidden)
}

/** What to call the dataset until the person says otherwise. */
export function suggestedName(paths: readonly string[]): string {
  const first = paths.at(0)
  if (first === undefined)
    throw new AppError('dataset/nothing-dropped', 'Nothing was dropped.', { next: 'Drop a folder.' })
  const extension = extname(first).toLowerCase()
  if (extension === '.zip') return basename(first, extname(first))
  return extensions.has(extension) ? basename(dirname(first)) : basename(first)
}

function listingFindings(listing: Listing): Finding[] {
  if (listing.outside.length === 0) return []
  return [
    {
      level: 'warning',
      code: 'dataset/link-outside',
      message: `${listing.outside.length} links lead outside of what was dropped and were not followed.`,
      next: 'Drop the folder that holds the files themselves.',
      examples: listing.outside.slice(0, 20),
    },
  ]
}
