import { createWriteStream } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join, normalize } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { gunzipSync } from 'node:zlib'
import { openPromise, type Entry } from 'yauzl'
import { AppError } from '../../../contract/index.ts'
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

const block = 512 // bytes; a tar archive is a row of these

/** Unpacks from an npm package what is `wanted` under the same paths in `folder`. Such archives are small. */
export async function unpackTarball(path: string, wanted: readonly string[], folder: string): Promise<void> {
  let files = 0
  try {
    const bytes = gunzipSync(await readFile(path))
    const text = (from: number, length: number): string => bytes.toString('utf8', from, from + length).split('\0', 1)[0]
    for (let at = 0; at + block <= bytes.length && bytes[at] !== 0;) {
      const size = parseInt(text(at + 124, 12), 8)
      // Every path of an npm package begins with a folder that is left out.
      const name = normalize(text(at, 100)).replace(/^[^/]*\//, '')
      const isFile = ['0', '\0', ''].includes(text(at + 156, 1))
      if (isFile && isWanted(name, wanted) && !name.startsWith('..')) {
        const target = join(folder, name)
        await mkdir(dirname(target), { recursive: true })
        await writeFile(target, bytes.subarray(at + block, at + block + size))
        files += 1
      }
      at += block + Math.ceil(size / block) * block
    }
  } catch (thrown) {
    throw thrown instanceof AppError ? thrown : (diskFull(thrown, path) ?? damagedPackage(basename(path), thrown))
  }
  if (files === 0) throw damagedPackage(basename(path))
}
