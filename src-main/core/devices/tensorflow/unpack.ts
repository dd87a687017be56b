import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar'
import { openPromise, type Entry } from 'yauzl'
import { diskFull } from '../../workspace/index.ts'
import { damagedPackage } from './failures.ts'

const isWanted = (name: string, wanted: readonly string[]): boolean =>
  !name.endsWith('/') && wanted.some((prefix) => name.startsWith(prefix))

/** Unpacks from a wheel what is `wanted` (prefixes of paths) under the same paths in `folder`. */
export async function unpackWheel(
  path: string,
  wanted: readonly string[],
  folder: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let files = 0
  try {
    const zip = await openPromise(path, { autoClose: false })
    try {
      for await (const entry of zip.eachEntry() as AsyncIterable<Entry>) {
        signal.throwIfAborted()
        if (!isWanted(entry.fileName, wanted)) continue
        const target = join(folder, entry.fileName)
        await mkdir(dirname(target), { recursive: true })
        const counted = async function* (pieces: AsyncIterable<Buffer>) {
          for await (const piece of pieces) {
            yield piece
            onBytes(piece.byteLength)
          }
        }
        // Programs among them stay programs.
        const mode = (entry.externalFileAttributes >>> 16) & 0o111 ? 0o755 : 0o644
        await pipeline(await zip.openReadStreamPromise(entry), counted, createWriteStream(target, { mode }), { signal })
        files += 1
      }
    } finally {
      zip.close()
    }
  } catch (thrown) {
    signal.throwIfAborted()
    throw diskFull(thrown, path) ?? damagedPackage(basename(path), thrown)
  }
  if (files === 0) throw damagedPackage(basename(path))
}

/** Unpacks from an npm package what is `wanted` under the same paths in `folder`, without the folder they all lie in. */
export async function unpackTarball(path: string, wanted: readonly string[], folder: string): Promise<void> {
  let files = 0
  try {
    await extract({
      ...{ file: path, cwd: folder, strip: 1, strict: true },
      filter: (name) => {
        const chosen = isWanted(name.replace(/^[^/]*\//, ''), wanted)
        if (chosen) files += 1
        return chosen
      },
    })
  } catch (thrown) {
    throw diskFull(thrown, path) ?? damagedPackage(basename(path), thrown)
  }
  if (files === 0) throw damagedPackage(basename(path))
}
