import type { Dirent } from 'node:fs'
import { lstat, opendir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, sep } from 'node:path'
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
/** Enough to find a dataset's few files. Photographs do not count, however many lie beside them. */
const mostFiles = 20_000

const extensions = new Set(['.mat', '.npy', '.csv', '.json', '.txt', '.zip'])
const hidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX'

/** The last part of a file's name, in lower case: how layouts recognise it. */
export const fileKey = (file: DroppedFile): string => file.name.slice(file.name.lastIndexOf('/') + 1).toLowerCase()

/**
 * Lists what was dropped (folders, files, zips) without following a link out of it.
 * Zips are unpacked below `scratch`, which the caller removes.
 */
export async function openDropped(
  paths: readonly string[],
  scratch: string,
  signal: AbortSignal,
  most = mostFiles,
): Promise<Dropped> {
  const listing: Listing = { files: [], outside: [], left: [] }
  const folders: Folder[] = []
  for (const path of paths) {
    const name = basename(path)
    try {
      const top = await realpath(path)
      const stats = await stat(top)
      if (stats.isDirectory()) folders.push({ path: top, top, dropped: name, prefix: '', depth: 0 })
      else if (stats.isFile()) listing.files.push({ path: top, name })
    } catch (thrown) {
      throw fileFailure(name, thrown)
    }
  }
  await list(folders, listing, most, signal)
  const files: DroppedFile[] = []
  for (const file of listing.files) {
    if (extname(file.name).toLowerCase() === '.zip') {
      files.push(...(await extractZip(file, join(scratch, String(files.length)), wanted, signal)))
    } else files.push(file)
  }
  return { files, findings: listingFindings(listing, most) }
}

interface Listing {
  readonly files: DroppedFile[]
  /** Links that lead outside of what was dropped. */
  readonly outside: string[]
  /** Folders that were not looked at, or not to their end. */
  left: string[]
}

interface Folder {
  readonly path: string
  /** The dropped folder that it lies in, and what the person calls that one. */
  readonly top: string
  readonly dropped: string
  /** What the names of its files begin with: '' or its path inside what was dropped, with a slash. */
  readonly prefix: string
  /** 0 is what was dropped. */
  readonly depth: number
}

/** Breadth first: the files of a dataset lie no deeper than the folders of photographs beside them. */
async function list(folders: readonly Folder[], listing: Listing, most: number, signal: AbortSignal): Promise<void> {
  const queue = [...folders]
  for (const [at, { top, dropped, prefix, depth, ...folder }] of queue.entries()) {
    try {
      for (const entry of await entriesOf(folder.path, depth, signal)) {
        const path = join(folder.path, entry.name)
        const name = prefix + entry.name
        if (entry.isDirectory()) {
          queue.push({ path, top, dropped, prefix: `${name}/`, depth: depth + 1 })
        } else if (listing.files.length >= most) {
          listing.left = queue.slice(at).map((left) => `${left.dropped}/${left.prefix}`)
          return
        } else if (entry.isFile()) {
          listing.files.push({ path, name })
        } else if (entry.isSymbolicLink()) {
          const target = await realpath(path).catch(() => null)
          if (target === null || !target.startsWith(top + sep)) listing.outside.push(name)
          else if ((await lstat(target)).isFile()) listing.files.push({ path: target, name })
        }
      }
    } catch (thrown) {
      throw fileFailure(`${dropped}/${prefix}`, thrown)
    }
  }
}

/** What can matter in a folder, by name. The rest is read past, never held: it may be a million photographs. */
async function entriesOf(path: string, depth: number, signal: AbortSignal): Promise<Dirent[]> {
  const entries: Dirent[] = []
  for await (const entry of await opendir(path, { bufferSize: 1024 })) {
    signal.throwIfAborted()
    const matters = entry.isDirectory() ? depth + 1 < deepest && !hidden(entry.name) : wanted(entry.name)
    if (matters) entries.push(entry)
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
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

function listingFindings({ outside, left }: Listing, most: number): Finding[] {
  const findings: Finding[] = []
  if (outside.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/link-outside',
      message: `${outside.length} links lead outside of what was dropped and were not followed.`,
      next: 'Drop the folder that holds the files themselves.',
      examples: outside.slice(0, 20),
    })
  }
  if (left.length > 0) {
    findings.push({
      level: 'warning',
      code: 'dataset/too-many-files',
      message: `Only the first ${most.toLocaleString('en')} files that could be a dataset’s were looked at; folders not looked at to their end: ${left.length.toLocaleString('en')}.`,
      next: 'Drop the folder that holds the dataset’s own files.',
      examples: left.slice(0, 20),
    })
  }
  return findings
}
