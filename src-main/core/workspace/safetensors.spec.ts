import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '../../contract/index.ts'
import { readSafetensors, writeSafetensors, type Tensors } from './safetensors.ts'

let path: string
beforeAll(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'unseen-safetensors-')), 'a.safetensors')
})
afterAll(() => rm(join(path, '..'), { recursive: true }))

/** A file whose header and data may be anything. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0)): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([length, json, data])
}

const tensors = fc.dictionary(
  fc.string().filter((name) => name !== '__metadata__'),
  fc
    .tuple(fc.array(fc.nat(4), { maxLength: 3 }), fc.boolean(), fc.infiniteStream(fc.float()))
    .map(([shape, whole, values]) => {
      const data = new (whole ? Int32Array : Float32Array)(shape.reduce((product, length) => product * length, 1))
      for (let i = 0; i < data.length; i++) data[i] = values.next().value as number
      return { shape, data }
    }),
)

describe('safetensors', { timeout: 30_000 }, () => {
  it('gives back what was written, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(tensors, fc.dictionary(fc.string(), fc.string()), async (written, metadata) => {
        await writeSafetensors(path, written, metadata)
        const read = await readSafetensors(path)
        expect({ ...read.tensors }).toEqual({ ...written })
        expect({ ...read.metadata }).toEqual({ ...metadata })
      }),
      {
        numRuns: 60,
        examples: [
          [
            Object.fromEntries([['__proto__', { shape: [], data: Float32Array.of(1) }]]),
            Object.fromEntries([['__proto__', 'x']]),
          ],
        ],
      },
    )
  })

  it('writes views, and lays the file out as the format says', async () => {
    const memory = Float32Array.of(9, 1, 2, 9)
    await writeSafetensors(path, { a: { shape: [2, 1], data: memory.subarray(1, 3) } }, { step: '7' })
    const bytes = await readFile(path)
    const headerBytes = Number(bytes.readBigUInt64LE())
    expect(headerBytes % 8).toBe(0)
    expect(JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes))).toEqual({
      __metadata__: { step: '7' },
      a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
    })
    expect(bytes.subarray(8 + headerBytes)).toEqual(Buffer.from(Float32Array.of(1, 2).buffer))
  })

  const entry = (from: number, to: number, shape = [(to - from) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [from, to],
  })
  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a header longer than the file', file({}).fill(255, 0, 7)],
    ['no JSON', file('{"a"')],
    ['another kind of number', file({ a: { ...entry(0, 4), dtype: 'F16' } }, new Uint8Array(4))],
    ['a shape that overflows', file({ a: entry(0, 4, [2 ** 52, 2 ** 52, 0, 3]) }, new Uint8Array(4))],
    ['an end before the start', file({ a: entry(4, 0, [-1]) }, new Uint8Array(4))],
    ['overlapping tensors', file({ a: entry(0, 8), b: entry(4, 12) }, new Uint8Array(12))],
    ['a hole', file({ a: entry(0, 4), b: entry(8, 12) }, new Uint8Array(12))],
    ['data that are cut', file({ a: entry(0, 8) }, new Uint8Array(7))],
    ['more data than tensors', file({ a: entry(0, 4) }, new Uint8Array(8))],
    ['a tensor of 4 PB', file({ a: entry(0, 2 ** 52) }, new Uint8Array(4))],
    ['metadata that are no strings', file({ __metadata__: { a: 1 } })],
  ])('refuses %s', async (_, bytes) => {
    await writeFile(path, bytes)
    await expect(readSafetensors(path)).rejects.toMatchObject({ code: 'safetensors/damaged' })
  })

  it('reads or refuses whatever a file is changed to, and never anything else', async () => {
    const whole: Tensors = {
      a: { shape: [3], data: Float32Array.of(1, 2, 3) },
      b: { shape: [1], data: Int32Array.of(4) },
    }
    await writeSafetensors(path, whole, { a: 'b' })
    const bytes = await readFile(path)
    const position = fc.nat(bytes.length - 1)
    await fc.assert(
      fc.asyncProperty(position, fc.nat(255), fc.option(position, { nil: bytes.length }), async (at, value, length) => {
        const changed = Buffer.from(bytes.subarray(0, length))
        if (at < length) changed[at] = value
        await writeFile(path, changed)
        await readSafetensors(path).catch((error: unknown) => expect(error).toBeInstanceOf(AppError))
      }),
      { numRuns: 300 },
    )
  })

  it('says when there is no file', async () => {
    await expect(readSafetensors(`${path}-no`)).rejects.toMatchObject({ code: 'safetensors/missing' })
  })
})
