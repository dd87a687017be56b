import { open, type FileHandle } from 'node:fs/promises'
import { pipeline, type Readable } from 'node:stream'
import { createInflate } from 'node:zlib'
import { AppError } from '../../../contract/index.ts'
import { damagedFile, fileFailure, truncatedFile } from './failures.ts'

/** A regular file that is open for reading. `name` is what the person knows it by. */
export interface OpenFile {
  readonly name: string
  readonly handle: FileHandle
  readonly bytes: number
}

const inflateError = (thrown: unknown): boolean => String((thrown as { code?: unknown } | null)?.code).startsWith('Z_')

/**
 * Reads one chunk ahead, so that nobody waits for the disk who has something to do. A chunk is valid until the next
 * is asked for: two buffers take turns.
 */
async function* storedChunks(file: OpenFile, start: number, length: number): AsyncGenerator<Buffer> {
  const size = Math.min(2 ** 18, length)
  let buffers: [Buffer, Buffer] = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(size)]
  const readChunk = async (position: number): Promise<Buffer> => {
    const [chunk, other] = buffers
    buffers = [other, chunk]
    const { bytesRead } = await file.handle.read(chunk, 0, Math.min(size, length - position), start + position)
    return chunk.subarray(0, bytesRead)
  }
  let next = readChunk(0)
  try {
    for (let read = 0; read < length;) {
      const chunk = await next
      if (chunk.length === 0) return
      read += chunk.length
      if (read < length) next = readChunk(read)
      yield chunk
    }
  } finally {
    // Nothing may be under way when the file is closed.
    await next.catch(() => undefined)
  }
}

const mostAhead = 4 // chunks

/**
 * The chunks of a stream as they are. Inflating runs on a thread of its own: a few chunks ahead keep it busy while this
 * thread converts. (Iterating over the stream itself joins what is ahead into ever new buffers, which costs a third.)
 */
async function* readAhead(stream: Readable): AsyncGenerator<Buffer> {
  const ahead: Buffer[] = []
  let wake = (): void => undefined
  let failure: Error | undefined
  stream.on('data', (chunk: Buffer) => {
    ahead.push(chunk)
    if (ahead.length >= mostAhead) stream.pause()
    wake()
  })
  stream.once('error', (error: Error) => {
    failure = error
    wake()
  })
  stream.once('close', () => wake())
  for (;;) {
    const chunk = ahead.shift()
    if (chunk !== undefined) {
      if (ahead.length < mostAhead) stream.resume()
      yield chunk
    } else if (failure !== undefined) throw failure
    else if (stream.closed) return
    else await new Promise<void>((resolve) => (wake = resolve))
  }
}

/** Part of a file, inflated or not, read once from front to back in bounded memory. */
export class ByteReader {
  readonly #file: OpenFile
  readonly #chunks: AsyncIterator<Buffer>
  readonly #signal: AbortSignal
  readonly #close: () => void
  #chunk: Buffer = Buffer.alloc(0)

  /** Reads `length` bytes from `start`; where `inflated`, they are a zlib stream, whose checksum is verified by `finish`. */
  constructor(file: OpenFile, start: number, length: number, options: { inflated: boolean; signal: AbortSignal }) {
    this.#file = file
    this.#signal = options.signal
    const stored = storedChunks(file, start, length)
    if (!options.inflated) {
      this.#chunks = stored
      this.#close = () => undefined
      return
    }
    const inflate = createInflate({ chunkSize: 2 ** 20 })
    // Errors reach the reader through the iteration.
    pipeline(stored, inflate, () => undefined)
    this.#chunks = readAhead(inflate)
    this.#close = () => inflate.destroy()
  }

  async #next(): Promise<boolean> {
    this.#signal.throwIfAborted()
    try {
      const next: IteratorResult<Buffer, unknown> = await this.#chunks.next()
      this.#signal.throwIfAborted()
      if (next.done === true) return false
      this.#chunk = next.value
      return true
    } catch (thrown) {
      if ((thrown as { code?: unknown }).code === 'Z_BUF_ERROR') throw truncatedFile(this.#file.name, thrown)
      if (inflateError(thrown))
        throw damagedFile(this.#file.name, 'its compressed data do not pass their check', thrown)
      throw fileFailure(this.#file.name, thrown)
    }
  }

  /** Fills all of `target` or throws. */
  async fill(target: Uint8Array): Promise<void> {
    let filled = 0
    while (filled < target.length) {
      if (this.#chunk.length === 0 && !(await this.#next())) throw truncatedFile(this.#file.name)
      const part = this.#chunk.subarray(0, target.length - filled)
      target.set(part, filled)
      filled += part.length
      this.#chunk = this.#chunk.subarray(part.length)
    }
  }

  async take(count: number): Promise<Buffer> {
    const bytes = Buffer.alloc(count)
    await this.fill(bytes)
    return bytes
  }

  /** Reads to the end, so that a checksum there is verified; more than `padding` bytes there are a fault. */
  async finish(padding: number): Promise<void> {
    let left = this.#chunk.length
    while (left <= padding && (await this.#next())) left += this.#chunk.length
    if (left > padding) throw damagedFile(this.#file.name, 'there are more data than its headers announce')
  }

  close(): void {
    this.#close()
  }
}

/** Reads exactly `count` bytes at `position`. */
export async function readAt(file: OpenFile, position: number, count: number): Promise<Buffer> {
  const bytes = Buffer.alloc(count)
  let filled = 0
  while (filled < count) {
    const { bytesRead } = await file.handle.read(bytes, filled, count - filled, position + filled)
    if (bytesRead === 0) throw truncatedFile(file.name)
    filled += bytesRead
  }
  return bytes
}

/** Opens a regular file; I/O errors in our words. The caller closes `handle`. */
export async function openFile(file: { path: string; name: string }): Promise<OpenFile> {
  try {
    const handle = await open(file.path, 'r')
    const stats = await handle.stat()
    if (stats.isFile()) return { name: file.name, handle, bytes: stats.size }
    await handle.close()
  } catch (thrown) {
    throw fileFailure(file.name, thrown)
  }
  throw new AppError('dataset/not-a-file', `“${file.name}” is not a file.`, { next: 'Drop the file itself.' })
}

export async function withFile<T>(
  file: { path: string; name: string },
  use: (open: OpenFile) => Promise<T>,
): Promise<T> {
  const opened = await openFile(file)
  try {
    return await use(opened)
  } finally {
    await opened.handle.close()
  }
}
