import { lstat, opendir, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { grouped } from '../../contract/index.ts'
import type { TaskContext } from '../jobs/task.ts'
import { isVisible, partOf, type DroppedFile } from './dropped-file.ts'
import { fileFailure } from './formats/failures.ts'

/** What has been found so far. */
export interface Listing {
  readonly files: DroppedFile[]
  readonly photos: DroppedFile[]
  /** Links that were not followed: out of what was dropped, to a folder or nowhere. */
  readonly links: string[]
  /** Archives within archives, which are not opened. */
  readonly nested: string[]
  /** Folders that were not looked at, or not to their end, for a dataset's own files. */
  left: string[]
  /** The same for photos. */
  photosLeft: string[]
}

export interface Folder {
  readonly path: string
  /** The dropped folder that it lies in, and what the person calls that one. */
  readonly top: string
  readonly dropped: string
  /** What the names of its files begin with: '' or its path inside what was dropped, with a slash. */
  readonly prefix: string
  /** 0 is what was dropped. */
  readonly depth: number
}

/** A dataset's own files lie at most this deep inside a dropped folder, */
const deepestFile = 3
/** and its photos at most this deep: a folder for each class, in one of images, in the dataset's own, and two to spare. */
const deepestPhoto = 6
const mostFolders = 200_000

/** A listed file; its path and name are put together when they are asked for, since there may be a million. */
class ListedFile implements DroppedFile {
  readonly #folder: Folder
  readonly #entry: string

  constructor(folder: Folder, entry: string) {
    this.#folder = folder
    this.#entry = entry
  }

  get path(): string {
    return join(this.#folder.path, this.#entry)
  }

  get name(): string {
    return this.#folder.prefix + this.#entry
  }
}

/** Breadth first: the files of a dataset lie no deeper than the folders of photos beside them. */
export async function listFolders(
  folders: readonly Folder[],
  listing: Listing,
  most: { readonly files: number; readonly photos: number },
  { signal, report }: TaskContext,
): Promise<void> {
  const queue = [...folders]
  /** Where in the queue there were too many. */
  let filesEnd = Infinity
  let photosEnd = Infinity

  async function add(at: number, entry: Entry): Promise<void> {
    const folder = queue[at]
    const name = folder.prefix + entry.name
    const photo = entry.part === 'photo'
    if (photo ? photosEnd < Infinity : filesEnd < Infinity) return
    if (photo && listing.photos.length >= most.photos) photosEnd = at
    else if (!photo && listing.files.length >= most.files) filesEnd = at
    else {
      const list = photo ? listing.photos : listing.files
      if (!entry.link) return void list.push(new ListedFile(folder, entry.name))
      const target = await realpath(join(folder.path, entry.name)).catch(() => null)
      if (target?.startsWith(folder.top + sep) && (await lstat(target)).isFile()) list.push({ path: target, name })
      else listing.links.push(name)
    }
  }

  let said = performance.now()
  for (const [at, folder] of queue.entries()) {
    const { path, top, dropped, prefix, depth } = folder
    try {
      for (const entry of await entriesOf(folder, signal)) {
        if (entry.part !== 'folder') await add(at, entry)
        else if (queue.length < mostFolders) {
          queue.push({
            path: join(path, entry.name),
            top,
            dropped,
            prefix: `${prefix}${entry.name}/`,
            depth: depth + 1,
          })
        } else photosEnd = Math.min(photosEnd, at)
      }
    } catch (thrown) {
      throw fileFailure(`${dropped}/${prefix}`, thrown)
    }
    if (performance.now() - said > 200) {
      said = performance.now()
      const found = grouped(listing.photos.length)
      report({ progress: null, message: `Looking at the files: ${found} photos so far`, secondsLeft: null })
    }
  }
  const names = (left: readonly Folder[]): string[] =>
    // The prefix of one of several that were dropped begins with its name.
    left.map(({ dropped, prefix }) => (folders.length > 1 ? prefix : `${dropped}/${prefix}`))
  if (filesEnd < Infinity) listing.left = names(queue.slice(filesEnd).filter(({ depth }) => depth < deepestFile))
  if (photosEnd < Infinity) listing.photosLeft = names(queue.slice(photosEnd))
}

interface Entry {
  readonly name: string
  readonly part: 'folder' | 'file' | 'photo'
  readonly link: boolean
}

/** What can matter in a folder, by name. The rest is read past, never held. */
async function entriesOf({ path, depth }: Folder, signal: AbortSignal): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of await opendir(path, { bufferSize: 1024 })) {
    signal.throwIfAborted()
    const { name } = entry
    if (entry.isDirectory()) {
      if (depth + 1 < deepestPhoto && isVisible(name)) entries.push({ name, part: 'folder', link: false })
      continue
    }
    const link = entry.isSymbolicLink()
    if (!entry.isFile() && !link) continue
    // A link to a folder is told of and not followed.
    const part = partOf(name) ?? (link && isVisible(name) && (await isFolder(join(path, name))) ? 'file' : null)
    if (part === null || (part === 'file' && depth >= deepestFile)) continue
    entries.push({ name, part, link })
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
