import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BrokenOff, withAnswer, type Answer } from './connection.ts'
import type { CatalogueEntry } from './entries.ts'
import { refused, truncated, unverified, wrongChecksum, wrongLength } from './failures.ts'
import { Part } from './part.ts'

export interface DownloadOptions {
  readonly signal: AbortSignal
  /** Bytes that are here, of all; heard with every piece. */
  readonly onProgress?: (done: number, total: number) => void
  /** Without a byte for so long, the connection is given up; 30 where nothing else is said. */
  readonly stallSeconds?: number
  /** Also http:, on this computer alone: for tests. */
  readonly loopback?: boolean
}

const partIn = (folder: string): Part => new Part(join(folder, 'model.onnx'))

/** Bytes in `folder` that an earlier, cut download left and a later one goes on from. */
export async function partialBytes(folder: string): Promise<number> {
  return (await partIn(folder).left())?.bytes ?? 0
}

/**
 * Fetches the file of `entry` as `folder`/model.onnx, and gives its path. The file appears only once it is whole and has
 * the length and the checksum that its publisher records; until then a part lies beside it, from which a later call goes
 * on. When `signal` ends it, its reason is thrown and the part stays.
 */
export async function download(
  { name, download: wanted }: CatalogueEntry,
  folder: string,
  { signal, onProgress = () => undefined, stallSeconds = 30, loopback = false }: DownloadOptions,
): Promise<string> {
  if (wanted === null) throw unverified(name)
  const { url, bytes, sha256 } = wanted
  signal.throwIfAborted()
  await mkdir(folder, { recursive: true })
  const part = partIn(folder)
  const left = await part.left()
  const earlier = left !== null && left.url === url && left.bytes <= bytes ? left : null
  let host = new URL(url).hostname

  if (earlier?.bytes !== bytes) {
    const have = earlier?.bytes ?? 0
    const headers = {
      'accept-encoding': 'identity',
      ...(earlier === null ? {} : { range: `bytes=${have}-`, 'if-range': earlier.etag }),
    }
    await withAnswer(url, headers, { signal, stallSeconds, loopback }, async (answer) => {
      host = answer.host
      const { start, total } = placeOf(answer)
      if (total !== null && total !== bytes) {
        await part.forget()
        throw wrongLength(host, total, bytes)
      }
      if (start === 0) await part.begin(url, strong(answer.header('etag')))
      else if (start !== have) {
        await part.forget()
        throw refused(host, answer.status, url)
      }
      await receive(part, answer, start, bytes, onProgress)
    })
  }

  if ((await part.sha256(signal)) !== sha256) {
    await part.forget()
    throw wrongChecksum(host)
  }
  await part.finish()
  return part.target
}

/** The byte at which an answer begins (null: at none), and the length of the file that it is of, where it says so. */
function placeOf({ status, header }: Answer): { start: number | null; total: number | null } {
  if (status === 200) {
    const length = header('content-length')
    return { start: 0, total: length === undefined ? null : Number(length) }
  }
  const range = /^bytes (?:(?<start>\d+)-\d+|\*)\/(?<total>\d+)$/.exec(header('content-range') ?? '')?.groups
  const number = (text: string | undefined) => (text === undefined ? null : Number(text))
  return { start: status === 206 ? number(range?.start) : null, total: number(range?.total) }
}

/** A weak tag does not promise the same bytes, so that a part could not be continued by it (RFC 9110, 13.1.5). */
const strong = (etag: string | undefined): string | null => (etag?.startsWith('"') === true ? etag : null)

async function receive(
  part: Part,
  { host, body }: Answer,
  start: number,
  bytes: number,
  onProgress: (done: number, total: number) => void,
): Promise<void> {
  let done = start
  try {
    await part.append(noMoreThan(body, bytes - start), (more) => {
      done += more
      onProgress(done, bytes)
    })
  } catch (thrown) {
    if (thrown instanceof BrokenOff) throw truncated(host, done, bytes, thrown)
    if (thrown instanceof TooMuch) {
      await part.forget()
      throw wrongLength(host, done + thrown.bytes, bytes)
    }
    throw thrown
  }
  if (done < bytes) throw truncated(host, done, bytes)
}

/** More came than there should be; what came until then, and the piece that went over. */
class TooMuch extends Error {
  readonly bytes: number

  constructor(bytes: number) {
    super('There is more than was announced.')
    this.bytes = bytes
  }
}

async function* noMoreThan(body: AsyncIterable<Uint8Array>, most: number): AsyncIterable<Uint8Array> {
  let done = 0
  for await (const piece of body) {
    done += piece.byteLength
    if (done > most) throw new TooMuch(piece.byteLength)
    yield piece
  }
}
