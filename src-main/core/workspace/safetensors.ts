import { open, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/index.ts'
import { writeFileAtomic } from './atomic.ts'

/** Row-major. The product of `shape` is the length of `data`; an empty shape is a scalar. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Int32Array
}
export type Tensors = Readonly<Record<string, Tensor>>

const longestHeader = 100_000_000 // bytes; the limit of the format's reference reader
const longestTransfer = 2 ** 30 // bytes in one read or write; systems refuse more than 2 GiB

const entrySchema = z.object({
  dtype: z.enum(['F32', 'I32']),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})
/** Not a zod record: that one loses a key named `__proto__`. */
const objectSchema = z.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value))
const entriesOf = (value: unknown): [string, unknown][] => Object.entries(objectSchema.parse(value))

/** Writes https://huggingface.co/docs/safetensors, atomically and without a copy of the data. */
export async function writeSafetensors(
  path: string,
  tensors: Tensors,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [['__metadata__', metadata]] : []
  let offset = 0
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    if (sizeOf(shape) !== data.length)
      throw new Error(`Tensor ${name}: shape [${shape.join()}], ${data.length} values.`)
    const dtype = data instanceof Float32Array ? 'F32' : 'I32'
    entries.push([name, { dtype, shape, data_offsets: [offset, (offset += data.byteLength)] }])
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)))
  // Padded with spaces to a multiple of 8, so that readers can map the data as it lies.
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ')
  header.writeBigUInt64LE(BigInt(header.length - 8))
  json.copy(header, 8)

  await writeFileAtomic(path, contents(header, tensors))
}

/** Throws `safetensors/missing` and `safetensors/damaged`; checks every bound before it takes memory for it. */
export async function readSafetensors(path: string): Promise<{ tensors: Tensors; metadata: Record<string, string> }> {
  const name = basename(path)
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new AppError('safetensors/missing', `The file “${name}” cannot be read.`, {
      next: 'Restore it from a copy of the workspace.',
      cause,
    })
  })
  try {
    const { size } = await file.stat()
    const headerBytes = size < 8 ? -1 : Number((await read(file, Buffer.alloc(8), 0)).readBigUInt64LE())
    if (headerBytes < 2 || headerBytes > longestHeader || 8 + headerBytes > size)
      throw damaged(name, 'its header is cut')
    const text = (await read(file, Buffer.alloc(headerBytes), 8)).toString('utf8')
    const { entries, metadata } = parseHeader(name, text, size - 8 - headerBytes)

    const tensors: [string, Tensor][] = []
    for (const [key, { dtype, shape, data_offsets }] of entries) {
      const bytes = new Uint8Array(data_offsets[1] - data_offsets[0])
      await read(file, bytes, 8 + headerBytes + data_offsets[0])
      tensors.push([
        key,
        { shape, data: dtype === 'F32' ? new Float32Array(bytes.buffer) : new Int32Array(bytes.buffer) },
      ])
    }
    return { tensors: Object.fromEntries(tensors), metadata }
  } finally {
    await file.close()
  }
}

type Entry = [string, z.infer<typeof entrySchema>]

function parseHeader(
  name: string,
  text: string,
  dataBytes: number,
): { entries: Entry[]; metadata: Record<string, string> } {
  const entries: Entry[] = []
  let metadata: Record<string, string> = {}
  try {
    for (const [key, value] of entriesOf(JSON.parse(text))) {
      if (key !== '__metadata__') entries.push([key, entrySchema.parse(value)])
      else metadata = Object.fromEntries(entriesOf(value).map(([name, one]) => [name, z.string().parse(one)]))
    }
  } catch (cause) {
    throw damaged(name, 'its header cannot be read', cause)
  }
  // The format allows neither overlaps nor holes: the tensors, in order, cover the data exactly.
  let end = 0
  const inOrder = entries.toSorted(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1])
  for (const [key, { shape, data_offsets }] of inOrder) {
    const [from, to] = data_offsets
    if (from !== end || to - from !== sizeOf(shape) * 4) throw damaged(name, `the place of “${key}” is wrong`)
    end = to
  }
  if (end !== dataBytes) throw damaged(name, 'its data are cut')
  return { entries, metadata }
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1)

function* contents(header: Uint8Array, tensors: Tensors): Generator<Uint8Array> {
  yield header
  for (const { data } of Object.values(tensors)) {
    for (let from = 0; from < data.byteLength; from += longestTransfer) {
      yield new Uint8Array(data.buffer, data.byteOffset + from, Math.min(longestTransfer, data.byteLength - from))
    }
  }
}

async function read<B extends Uint8Array>(file: FileHandle, into: B, position: number): Promise<B> {
  for (let done = 0; done < into.byteLength;) {
    const length = Math.min(longestTransfer, into.byteLength - done)
    const { bytesRead } = await file.read(into, done, length, position + done)
    if (bytesRead === 0) throw new Error('The file became shorter while it was read.')
    done += bytesRead
  }
  return into
}

function damaged(name: string, why: string, cause?: unknown): AppError {
  return new AppError('safetensors/damaged', `The file “${name}” is damaged: ${why}.`, {
    next: 'Restore it from a copy, or train again.',
    cause,
  })
}
