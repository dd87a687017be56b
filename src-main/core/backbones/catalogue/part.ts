import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { diskFull, readJson, syncFolder, writeFileAtomic } from '../../workspace/index.ts'

/** Says of which file the part is one, so that it is never continued with another's bytes. */
const tagSchema = z.object({ url: z.string(), etag: z.string() })

/** A file on its way to `target`: what has come lies beside it and survives a cut, a cancel and a crash. */
export class Part {
  readonly target: string
  readonly #path: string
  readonly #tag: string

  constructor(target: string) {
    this.target = target
    this.#path = `${target}.part`
    this.#tag = `${target}.part.json`
  }

  /** What a later answer can go on from: bytes, and which file they are of. */
  async left(): Promise<{ bytes: number; url: string; etag: string } | null> {
    const tag = await readJson(this.#tag, tagSchema).catch(() => null)
    const bytes = await stat(this.#path).then(
      ({ size }) => size,
      () => 0,
    )
    return tag === null || bytes === 0 ? null : { ...tag, bytes }
  }

  /** Nothing is left of what was there; what comes now is of this file. Without `etag` it cannot be gone on from. */
  async begin(url: string, etag: string | null): Promise<void> {
    await this.forget()
    if (etag !== null) await writeFileAtomic(this.#tag, JSON.stringify({ url, etag }))
  }

  /** Writes `pieces` behind what is there; `onBytes` hears of each. */
  async append(pieces: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void): Promise<void> {
    const file = await open(this.#path, 'a')
    try {
      for await (const piece of pieces) {
        await file.appendFile(piece).catch((thrown: unknown) => {
          throw diskFull(thrown, this.target) ?? thrown
        })
        onBytes(piece.byteLength)
      }
    } finally {
      await file.close()
    }
  }

  async sha256(signal: AbortSignal): Promise<string> {
    const hash = createHash('sha256')
    for await (const piece of createReadStream(this.#path, { signal, highWaterMark: 1 << 20 }))
      hash.update(piece as Buffer)
    return hash.digest('hex')
  }

  async forget(): Promise<void> {
    await rm(this.#path, { force: true })
    await rm(this.#tag, { force: true })
  }

  /** The part is whole: now it is the file, also after a power cut. */
  async finish(): Promise<void> {
    const file = await open(this.#path, 'r+')
    try {
      await file.sync()
    } catch (thrown) {
      throw diskFull(thrown, this.target) ?? thrown
    } finally {
      await file.close()
    }
    await rename(this.#path, this.target)
    await syncFolder(dirname(this.target))
    await rm(this.#tag, { force: true })
  }
}
