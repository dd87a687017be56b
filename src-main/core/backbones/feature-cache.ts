import { createHash } from 'node:crypto'
import { constants, mkdir, open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackboneManifest, BackboneRecipe } from '../../contract/index.ts'
import { lockFolder } from '../workspace/index.ts'

/** Features that were ever made with one network and recipe, by the SHA-256 of the photo. */
export interface FeatureCache {
  has(photo: string): boolean
  read(photo: string): Promise<Float32Array>
  /** Never rejects: where the disk is full or another process writes, nothing is kept. */
  append(photos: readonly CachedPhoto[]): Promise<void>
  /** Waits for what is being written. */
  close(): Promise<void>
}

interface CachedPhoto {
  readonly sha256: string
  /** D numbers. */
  readonly features: Float32Array
}

/** Names what a network makes of photos: 32 hexadecimal digits over the network's own bytes and the recipe. */
export function featureKey({ sha256, recipe }: Pick<BackboneManifest, 'sha256' | 'recipe'>): string {
  return createHash('sha256')
    .update(`${sha256}\n${canonical(recipe)}\n${pixels}`)
    .digest('hex')
    .slice(0, 32)
}

/** Another one for each way of making pixels of a photo: features of different pixels are not to be mixed. */
const pixels = 'triangle filter, 2'

/** The order in which a recipe's fields were written must not matter. */
const canonical = (recipe: BackboneRecipe): string =>
  JSON.stringify(Object.fromEntries(Object.entries(recipe).sort(([a], [b]) => (a < b ? -1 : 1))))

const keyBytes = 32

/**
 * `cache/features/<key>/`: keys.bin has 32 bytes for each photo, values.bin its features. Values are on the disk before
 * their keys are written, so that a key never stands for features that a power cut took. One process writes at a time;
 * another reads what is there.
 * @param cache of the workspace. @param dimension D.
 */
export async function openFeatureCache(cache: string, key: string, dimension: number): Promise<FeatureCache> {
  const folder = join(cache, 'features', key)
  await mkdir(folder, { recursive: true })
  const unlock = await lockFolder(folder).catch(() => null)
  const mode = unlock === null ? constants.O_RDONLY : constants.O_RDWR | constants.O_CREAT
  const files = await openBoth(folder, mode).catch(() => null)
  const rowBytes = dimension * 4
  const rows = new Map<string, number>()
  let count = 0
  let writable = unlock !== null && files !== null

  if (files !== null) {
    const [keys, values] = await Promise.all([files.keys.stat(), files.values.stat()])
    count = Math.min(Math.floor(keys.size / keyBytes), Math.floor(values.size / rowBytes))
    // What a crash left behind the last whole row.
    if (writable) await Promise.all([files.keys.truncate(count * keyBytes), files.values.truncate(count * rowBytes)])
    const bytes = await readExactly(files.keys, 0, count * keyBytes)
    for (let row = 0; row < count; row++) rows.set(bytes.toString('hex', row * keyBytes, (row + 1) * keyBytes), row)
  }

  /** One after the other: a row's place is the number of rows before it. */
  let writing: Promise<void> = Promise.resolve()
  async function write(photos: readonly CachedPhoto[]): Promise<void> {
    if (!writable || files === null || photos.length === 0) return
    try {
      const values = new Float32Array(photos.length * dimension)
      photos.forEach(({ features }, at) => values.set(features, at * dimension))
      await writeExactly(files.values, new Uint8Array(values.buffer), count * rowBytes)
      await files.values.datasync()
      const keys = Buffer.from(photos.map(({ sha256 }) => sha256).join(''), 'hex')
      await writeExactly(files.keys, keys, count * keyBytes)
      for (const { sha256 } of photos) rows.set(sha256, count++)
    } catch {
      // It is only a cache; the next to open it cuts what is torn.
      writable = false
    }
  }

  return {
    has: (photo) => rows.has(photo),
    async read(photo) {
      const bytes = await readExactly(files!.values, rows.get(photo)! * rowBytes, rowBytes)
      return new Float32Array(bytes.buffer, bytes.byteOffset, dimension)
    },
    append: (photos) => (writing = writing.then(() => write(photos))),
    async close() {
      await writing
      await files?.keys.close()
      await files?.values.close()
      await unlock?.()
    },
  }
}

async function openBoth(folder: string, mode: number): Promise<{ keys: FileHandle; values: FileHandle }> {
  const keys = await open(join(folder, 'keys.bin'), mode)
  try {
    return { keys, values: await open(join(folder, 'values.bin'), mode) }
  } catch (thrown) {
    await keys.close()
    throw thrown
  }
}

async function readExactly(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length) // its own memory, so that it begins where a float may begin
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, from + done)
    if (bytesRead === 0) throw new Error('The feature cache ends before its own rows do.')
    done += bytesRead
  }
  return bytes
}

async function writeExactly(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten
  }
}
