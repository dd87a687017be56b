import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32, inflateRawSync } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { AppError, grouped } from '../../../contract/index.ts'
import type { TaskContext } from '../../jobs/task.ts'
import { openFile, readAt, type OpenFile } from './byte-reader.ts'
import {
  compressionBomb,
  damagedFile,
  fileFailure,
  impossibleSize,
  isBomb,
  truncatedFile,
  unsupportedFile,
} from './failures.ts'
import { decodeKnown } from './text.ts'

interface Archive {
  readonly path: string
  readonly name: string
}

/** A million photos, and a dataset's own files. */
const mostEntries = 1_020_000
/** Bytes of an entry that is unpacked in one piece. */
const atOnce = 2 ** 25
/** Bytes of the disk that are left to everything else. */
const reserve = 2 ** 30

/**
 * Unpacks the entries that `isWanted` names into `folder`, under names of our own, so that nothing an archive says
 * can choose where it is written. Sizes are checked before (ratio, free space) and while unpacking (yauzl); also their
 * sum, since entries may share one body.
 */
export async function extractZip(
  archive: Archive,
  folder: string,
  isWanted: (name: string) => boolean,
  { signal, report }: TaskContext,
): Promise<{ path: string; name: string }[]> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize - reserve
  const files: { path: string; name: string }[] = []
  let said = performance.now()
  await withEntries(archive, isWanted, signal, async (wanted) => {
    const { zip, entry, announced, position } = wanted
    if (announced > free) {
      throw new AppError('dataset/disk-full', `There is not enough room on the disk to unpack “${archive.name}”.`, {
        next: 'Free some space, or unpack it elsewhere and drop the folder.',
      })
    }
    const path = join(folder, String(files.length))
    if (entry.uncompressedSize <= atOnce) await writeFile(path, await contentOf(wanted), { flag: 'wx' })
    else await pour(wanted, path, signal)
    files.push({ path, name: wanted.name })
    if (performance.now() - said < 200) return
    said = performance.now()
    report({
      progress: position / zip.entryCount,
      message: `Unpacking: ${grouped(position)} of ${grouped(zip.entryCount)} files`,
      secondsLeft: null,
    })
  })
  return files
}

/** The entries that `isWanted` names, in memory, where all of them together take at most `most` bytes. */
export async function readZip(
  archive: Archive,
  isWanted: (name: string) => boolean,
  most: number,
  signal: AbortSignal,
): Promise<{ name: string; data: Buffer }[]> {
  const entries: { name: string; data: Buffer }[] = []
  await withEntries(archive, isWanted, signal, async (wanted) => {
    if (wanted.announced > most) {
      throw impossibleSize(archive.name, `unpacks to ${grouped(wanted.announced)} bytes and more`)
    }
    entries.push({ name: wanted.name, data: await contentOf(wanted) })
  })
  return entries
}

interface WantedEntry {
  readonly file: OpenFile
  readonly zip: ZipFile
  readonly entry: Entry
  readonly name: string
  /** Bytes of this entry and those before it. */
  readonly announced: number
  /** Among all of the archive's. */
  readonly position: number
}

async function withEntries(
  archive: Archive,
  isWanted: (name: string) => boolean,
  signal: AbortSignal,
  use: (entry: WantedEntry) => Promise<void>,
): Promise<void> {
  let announced = 0
  let position = 0
  const file = await openFile(archive)
  const zip = await openPromise(archive.path, { autoClose: false }).catch(async (thrown: unknown) => {
    await file.handle.close()
    throw damagedFile(archive.name, 'it cannot be read as a zip', thrown)
  })
  try {
    if (zip.entryCount > mostEntries)
      throw unsupportedFile(archive.name, 'holds too many files', 'Zip the dataset alone.')
    for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
      signal.throwIfAborted()
      position++
      const name = nameOf(entry)
      if (name.endsWith('/') || !isWanted(name)) continue
      if (entry.isEncrypted()) throw unsupportedFile(archive.name, 'is encrypted', 'Unpack it and drop the folder.')
      if (isBomb(entry.uncompressedSize, entry.compressedSize)) {
        throw compressionBomb(archive.name, `“${name}” announces ${grouped(entry.uncompressedSize)} bytes`)
      }
      announced += entry.uncompressedSize
      if (isBomb(announced, zip.fileSize))
        throw compressionBomb(archive.name, `its files announce ${grouped(announced)} bytes`)
      await use({ file, zip, entry, name, announced, position })
    }
  } catch (thrown) {
    signal.throwIfAborted()
    if (thrown instanceof AppError) throw thrown
    // What yauzl says of a name.
    if (thrown instanceof Error && /^(?:absolute path|invalid relative path): /.test(thrown.message)) {
      throw unsupportedFile(
        archive.name,
        'holds a file that belongs outside of the folder that it is unpacked into',
        'Do not trust it. If you know whose it is, unpack it and drop the folder. Nothing was imported.',
      )
    }
    const failure = fileFailure(archive.name, thrown)
    throw failure instanceof AppError ? failure : damagedFile(archive.name, 'it cannot be unpacked', thrown)
  } finally {
    zip.close()
    await file.handle.close()
  }
}

const inUtf8 = 0x800
const unicodePath = 0x7075

/** Many archives (a Mac's among them) do not say that their names are in UTF-8; older Korean ones are in neither. */
function nameOf({ fileName, fileNameRaw, generalPurposeBitFlag, extraFields }: Entry): string {
  if ((generalPurposeBitFlag & inUtf8) !== 0 || extraFields.some(({ id }) => id === unicodePath)) return fileName
  // What yauzl forbids in a name is ASCII, and that is the same in each of them.
  return decodeKnown(fileNameRaw)?.replaceAll('\\', '/') ?? fileName
}

const stored = 0
const deflated = 8

/** An entry's bytes, in memory: of small ones a dataset has many, and streams take twice the time for each. */
async function contentOf({ file, zip, entry, name }: WantedEntry): Promise<Buffer> {
  const { compressedSize, uncompressedSize, compressionMethod } = entry
  if (compressionMethod !== stored && compressionMethod !== deflated) throw unknownMethod(file.name)
  // Deflate adds a few bytes at most to what it cannot make smaller.
  if (compressedSize > uncompressedSize * 1.01 + 2 ** 16) throw notWhole(file.name, name)
  const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true })
  if (fileDataStart + compressedSize > file.bytes) throw truncatedFile(file.name)
  const bytes = await readAt(file, fileDataStart, compressedSize)
  // More than was announced is an error here, too.
  const data =
    compressionMethod === stored ? bytes : inflateRawSync(bytes, { maxOutputLength: Math.max(1, uncompressedSize) })
  if (data.length !== uncompressedSize || crc32(data) !== entry.crc32) throw notWhole(file.name, name)
  return data
}

async function pour({ file, zip, entry, name }: WantedEntry, path: string, signal: AbortSignal): Promise<void> {
  // First: what fails here must not leave a file open that nothing is written into.
  const input = await zip.openReadStreamPromise(entry)
  const output = createWriteStream(path, { flags: 'wx' })
  // Whoever removes the folder must not meet a file that is only now being made.
  const closed = once(output, 'close')
  let checksum = 0
  await pipeline(
    input,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        checksum = crc32(chunk, checksum)
        yield chunk
      }
    },
    output,
    { signal },
  ).finally(() => closed)
  if (checksum !== entry.crc32) throw notWhole(file.name, name)
}

const notWhole = (archive: string, entry: string): AppError =>
  damagedFile(archive, `“${entry}” in it does not pass its check`)

const unknownMethod = (archive: string): AppError =>
  unsupportedFile(archive, 'is compressed in a way that is not read', 'Unpack it and drop the folder.')
