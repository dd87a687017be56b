import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { openPromise, type Entry, type ZipFile } from 'yauzl'
import { AppError } from '../../../contract/index.ts'
import type { TaskContext } from '../../jobs/task.ts'
import { compressionBomb, damagedFile, fileFailure, impossibleSize, isBomb, unsupportedFile } from './failures.ts'
import { decodeKnown } from './text.ts'

interface Archive {
  readonly path: string
  readonly name: string
}

/** A million photos, and a dataset's own files. */
const mostEntries = 1_020_000
/** Bytes of the disk that are left to everything else. */
const reserve = 2 ** 30

/**
 * Unpacks the entries that `wanted` names into `folder`, under names of our own, so that nothing an archive says
 * can choose where it is written. Sizes are checked before (ratio, free space) and while unpacking (yauzl); also their
 * sum, since entries may share one body.
 */
export async function extractZip(
  archive: Archive,
  folder: string,
  wanted: (name: string) => boolean,
  { signal, report }: TaskContext,
): Promise<{ path: string; name: string }[]> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize - reserve
  const files: { path: string; name: string }[] = []
  let said = performance.now()
  await withEntries(archive, wanted, signal, async ({ zip, entry, name, announced, position }) => {
    if (announced > free) {
      throw new AppError('dataset/disk-full', `There is not enough room on the disk to unpack “${archive.name}”.`, {
        next: 'Free some space, or unpack it elsewhere and drop the folder.',
      })
    }
    const path = join(folder, String(files.length))
    const output = createWriteStream(path, { flags: 'wx' })
    // Whoever removes the folder must not meet a file that is only now being made.
    const closed = once(output, 'close')
    await pipeline(await zip.openReadStreamPromise(entry), checked(archive, entry), output, { signal }).finally(
      () => closed,
    )
    files.push({ path, name })
    if (performance.now() - said < 200) return
    said = performance.now()
    report({
      progress: position / zip.entryCount,
      message: `Unpacking: ${position.toLocaleString('en')} of ${zip.entryCount.toLocaleString('en')} files`,
      secondsLeft: null,
    })
  })
  return files
}

/** The entries that `wanted` names, in memory, where all of them together take at most `most` bytes. */
export async function readZip(
  archive: Archive,
  wanted: (name: string) => boolean,
  most: number,
  signal: AbortSignal,
): Promise<{ name: string; data: Buffer }[]> {
  const entries: { name: string; data: Buffer }[] = []
  await withEntries(archive, wanted, signal, async ({ zip, entry, name, announced }) => {
    if (announced > most) throw impossibleSize(archive.name, `unpacks to ${announced} bytes and more`)
    const chunks: Buffer[] = []
    await pipeline(
      await zip.openReadStreamPromise(entry),
      checked(archive, entry),
      async (data: AsyncIterable<Buffer>) => {
        for await (const chunk of data) chunks.push(chunk)
      },
      { signal },
    )
    entries.push({ name, data: Buffer.concat(chunks) })
  })
  return entries
}

interface WantedEntry {
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
  wanted: (name: string) => boolean,
  signal: AbortSignal,
  use: (entry: WantedEntry) => Promise<void>,
): Promise<void> {
  let announced = 0
  let position = 0
  const zip = await openPromise(archive.path, { autoClose: false }).catch((thrown: unknown) => {
    const failure = fileFailure(archive.name, thrown)
    throw failure instanceof AppError ? failure : damagedFile(archive.name, 'it cannot be read as a zip', thrown)
  })
  try {
    if (zip.entryCount > mostEntries)
      throw unsupportedFile(archive.name, 'holds too many files', 'Zip the dataset alone.')
    for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
      signal.throwIfAborted()
      position++
      const name = nameOf(entry)
      if (name.endsWith('/') || !wanted(name) || name.toLowerCase().endsWith('.zip')) continue
      if (entry.isEncrypted()) throw unsupportedFile(archive.name, 'is encrypted', 'Unpack it and drop the folder.')
      if (isBomb(entry.uncompressedSize, entry.compressedSize)) {
        throw compressionBomb(archive.name, `“${name}” announces ${entry.uncompressedSize} bytes`)
      }
      announced += entry.uncompressedSize
      if (isBomb(announced, zip.fileSize)) throw compressionBomb(archive.name, `its files announce ${announced} bytes`)
      await use({ zip, entry, name, announced, position })
    }
  } catch (thrown) {
    signal.throwIfAborted()
    if (thrown instanceof AppError) throw thrown
    const failure = fileFailure(archive.name, thrown)
    throw failure instanceof AppError ? failure : damagedFile(archive.name, 'it cannot be unpacked', thrown)
  } finally {
    zip.close()
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

/** Passes an entry's bytes on and fails at their end where they are not those that were packed. */
function checked(archive: Archive, entry: Entry) {
  return async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let checksum = 0
    for await (const chunk of chunks) {
      checksum = crc32(chunk, checksum)
      yield chunk
    }
    if (checksum !== entry.crc32) throw damagedFile(archive.name, `“${nameOf(entry)}” in it does not pass its check`)
  }
}
