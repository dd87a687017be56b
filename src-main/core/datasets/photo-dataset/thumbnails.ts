import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../../../contract/index.ts'
import { thumbnail } from '../../photos/index.ts'

/** `cache/thumbnails/`: small pictures by content, which any dataset shares. May be emptied at any time. */
export interface ThumbnailCache {
  /** Makes it, unless it is there: then these bytes were whole before. @throws AppError `photo/…` */
  make(sha256: string, bytes: Uint8Array): Promise<void>
  /** From the cache, or of the photo at `path`; empty where that cannot be read. */
  get(sha256: string, path: string): Promise<Uint8Array<ArrayBuffer>>
}

/** Pictures that are made at a time; reading one that is there does not wait for them. */
const mostAtOnce = 2

export function createThumbnailCache(cache: string): ThumbnailCache {
  const pathOf = (sha256: string): string => join(cache, 'thumbnails', sha256.slice(0, 2), `${sha256}.jpg`)
  const limited = limit(mostAtOnce)

  const stored = (sha256: string): Promise<Uint8Array | null> => readFile(pathOf(sha256)).catch(() => null)

  async function store(sha256: string, bytes: Uint8Array): Promise<void> {
    const path = pathOf(sha256)
    const temporary = `${path}.${randomUUID()}.tmp`
    await mkdir(dirname(path), { recursive: true })
    try {
      await writeFile(temporary, bytes)
      await rename(temporary, path)
    } catch {
      // A cache that cannot be written only costs time.
      await rm(temporary, { force: true })
    }
  }

  async function made(sha256: string, source: Uint8Array | string): Promise<Uint8Array> {
    const bytes = await thumbnail(source)
    await store(sha256, bytes)
    return bytes
  }

  return {
    async make(sha256, bytes) {
      if ((await stored(sha256)) === null) await made(sha256, bytes)
    },
    async get(sha256, path) {
      const there = await stored(sha256)
      if (there !== null) return new Uint8Array(there)
      try {
        return new Uint8Array(await limited(() => made(sha256, path)))
      } catch (thrown) {
        if (thrown instanceof AppError) return new Uint8Array()
        throw thrown
      }
    },
  }
}

/** Runs at most `most` at a time, the others in the order in which they came. */
export function limit(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await work()
    } finally {
      // Its place goes to the next at once.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
