import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { crc32 } from 'node:zlib'
import { openPromise, type Entry } from 'yauzl'
import { AppError } from '../../../contract/index.ts'
import { compressionBomb, damagedFile, fileFailure, isBomb, unsupportedFile } from './failures.ts'

const mostEntries = 20_000
/** Bytes of the disk that are left to everything else. */
const reserve = 2 ** 30

/**
 * Unpacks the entries that `wanted` names into `folder`, under names of our own, so that nothing an archive says
 * can choose where it is written. Sizes are checked before (ratio, free space) and while unpacking (yauzl); also their
 * sum, since entries may share one body.
 */
export async function extractZip(
  archive: { path: string; name: string },
  folder: string,
  wanted: (name: string) => boolean,
  signal: AbortSignal,
): Promise<{ path: string; name: string }[]> {
  await mkdir(folder, { recursive: true })
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize - reserve
  let announced = 0
  const files: { path: string; name: string }[] = []
  const zip = await openPromise(archive.path, { autoClose: false }).catch((thrown: unknown) => {
    throw damagedFile(archive.name, 'it cannot be read as a zip', thrown)
  })
  try {
    if (zip.entryCount > mostEntries)
      throw unsupportedFile(archive.name, 'holds too many files', 'Zip the dataset alone.')
    for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
      signal.throwIfAborted()
      if (entry.fileName.endsWith('/') || !wanted(entry.fileName) || entry.fileName.toLowerCase().endsWith('.zip'))
        continue
      if (entry.isEncrypted()) throw unsupportedFile(archive.name, 'is encrypted', 'Unpack it and drop the folder.')
      if (isBomb(entry.uncompressedSize, entry.compressedSize)) {
        throw compressionBomb(archive.name, `“${entry.fileName}” announces ${entry.uncompressedSize} bytes`)
      }
      announced += entry.uncompressedSize
      if (isBomb(announced, zip.fileSize)) throw compressionBomb(archive.name, `its files announce ${announced} bytes`)
      if (announced > free) {
        throw new AppError('dataset/disk-full', `There is not enough room on the disk to unpack “${archive.name}”.`, {
          next: 'Free some space, or unpack it elsewhere and drop the folder.',
        })
      }
      const path = join(folder, String(files.length))
      let checksum = 0
      const output = createWriteStream(path, { flags: 'wx' })
      // Whoever removes the folder must not meet a file that is only now being made.
      const closed = once(output, 'close')
      await pipeline(
        await zip.openReadStreamPromise(entry),
        async function* (chunks: AsyncIterable<Buffer>) {
          for await (const chunk of chunks) {
            checksum = crc32(chunk, checksum)
            yield chunk
          }
        },
        output,
        { signal },
      ).finally(() => closed)
      if (checksum !== entry.crc32) throw damagedFile(archive.name, `“${entry.fileName}” in it does not pass its check`)
      files.push({ path, name: entry.fileName })
    }
  } catch (thrown) {
    signal.throwIfAborted()
    if (thrown instanceof AppError) throw thrown
    const failure = fileFailure(archive.name, thrown)
    throw failure instanceof AppError ? failure : damagedFile(archive.name, 'it cannot be unpacked', thrown)
  } finally {
    zip.close()
  }
  return files
}
