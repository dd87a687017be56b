import fc from 'fast-check'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { temporaryFolder } from '../testing/folders.ts'
import { MatWriter, writeMat5, type MatContent } from '../testing/mat5-writer.ts'
import { matVariables } from './mat.ts'
import type { StorageType } from './numbers.ts'
import { allNumbers } from './variable.ts'

const signal = new AbortController().signal

/** Every variable of a file, read whole. */
async function readAll(path: string): Promise<Record<string, number[] | string[]>> {
  const all: Record<string, number[] | string[]> = {}
  for await (const variable of matVariables({ path, name: 'test.mat' }, signal)) {
    all[variable.name] =
      variable.kind === 'numbers' ? [...(await allNumbers('test.mat', variable, 2 ** 20))] : await variable.strings()
  }
  return all
}

async function readBytes(bytes: Buffer): Promise<Record<string, number[] | string[]>> {
  await using folder = await temporaryFolder()
  const path = join(folder.path, 'test.mat')
  await writeFile(path, bytes)
  return await readAll(path)
}

const codeOf = (read: Promise<unknown>): Promise<string> =>
  read.then(
    () => 'read',
    (thrown: unknown) => {
      if (thrown instanceof AppError) return thrown.code
      throw thrown
    },
  )

const ranges: Readonly<Record<StorageType, fc.Arbitrary<number>>> = {
  i1: fc.integer({ min: -128, max: 127 }),
  u1: fc.integer({ min: 0, max: 255 }),
  i2: fc.integer({ min: -32_768, max: 32_767 }),
  u2: fc.integer({ min: 0, max: 65_535 }),
  i4: fc.integer(),
  u4: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  i8: fc.maxSafeInteger(),
  u8: fc.maxSafeNat(),
  f4: fc.float({ noNaN: true }),
  f8: fc.double({ noNaN: true }),
}
const matrix = fc
  .constantFrom(...(Object.keys(ranges) as StorageType[]))
  .chain((storage) =>
    fc
      .array(ranges[storage], { minLength: 1, maxLength: 30 })
      .map((values) => ({ storage, values, dimensions: [1, values.length] })),
  )

describe('MATLAB 5 files', () => {
  it('give back every number, whatever its storage, the endianness and the compression', async () => {
    await fc.assert(
      fc.asyncProperty(matrix, fc.boolean(), fc.boolean(), async (content, bigEndian, compressed) => {
        expect(await readBytes(writeMat5({ x: content }, { bigEndian, compressed }))).toEqual({ x: content.values })
      }),
      { numRuns: 150 },
    )
  })

  it('give back the texts of cell arrays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { maxLength: 8 }),
        fc.boolean(),
        async (names, bigEndian) => {
          expect(await readBytes(writeMat5({ names }, { bigEndian }))).toEqual({ names })
        },
      ),
      { numRuns: 80 },
    )
  })

  it('skip what is not read without inflating it', async () => {
    const long = Array.from({ length: 2 ** 18 }, (_, i) => Math.sin(i))
    const damaged = writeMat5({ broken: { dimensions: [1, long.length], values: long } }, { compressed: true })
    // The checksum of the first variable is wrong; the second is fine.
    damaged[damaged.length - 1] ^= 0xff
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'test.mat')
    const writer = new MatWriter()
    await writeFile(path, Buffer.concat([damaged, writer.variable('fine', { dimensions: [1, 1], values: [7] })]))
    const names: string[] = []
    for await (const variable of matVariables({ path, name: 'test.mat' }, signal)) names.push(variable.name)
    expect(names).toEqual(['broken', 'fine'])
    expect(await codeOf(readAll(path))).toBe('dataset/damaged-file')
  })

  const file: Record<string, MatContent> = {
    labels: { dimensions: [3, 1], values: [1, 2, 3], storage: 'u1' },
    names: ['owl', '새', ''],
    features: { dimensions: [4, 3], values: Array.from({ length: 12 }, (_, i) => i / 8) },
  }

  it.each([
    { compressed: false, bigEndian: false },
    { compressed: true, bigEndian: false },
    { compressed: false, bigEndian: true },
  ])('cut short anywhere are refused, or hold fewer variables ($compressed, $bigEndian)', async (options) => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'test.mat')
    const bytes = writeMat5(file, options)
    const whole = await readBytes(bytes)
    for (let length = 0; length < bytes.length; length++) {
      await writeFile(path, bytes.subarray(0, length))
      const read = await readAll(path).catch((thrown: unknown) => {
        expect(thrown).toBeInstanceOf(AppError)
        return {}
      })
      expect(whole).toMatchObject(read)
    }
  })

  it('with any bytes changed are read or refused, never worse', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'test.mat')
    const originals = [writeMat5(file), writeMat5(file, { compressed: true }), writeMat5(file, { bigEndian: true })]
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...originals),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.boolean()), {
          minLength: 1,
          maxLength: 4,
        }),
        async (original, changes) => {
          const bytes = Buffer.from(original)
          for (const [at, value, flip] of changes) {
            const i = at % bytes.length
            bytes[i] = flip ? bytes[i] ^ (1 << (value & 7)) : value
          }
          await writeFile(path, bytes)
          outcomes.add(await codeOf(readAll(path)))
        },
      ),
      { numRuns: 800, interruptAfterTimeLimit: 2000 },
    )
    expect(outcomes).toContain('dataset/damaged-file')
  }, 15_000)

  it('with one bit flipped in compressed data are refused, unless it makes no difference', async () => {
    const x = Array.from({ length: 400 }, (_, i) => Math.sin(i))
    const bytes = writeMat5({ x: { dimensions: [1, 400], values: x } }, { compressed: true })
    let refused = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 136, max: bytes.length - 1 }), fc.nat(7), async (at, bit) => {
        const flipped = Buffer.from(bytes)
        flipped[at] ^= 1 << bit
        const read = await readBytes(flipped).catch((thrown: unknown) => {
          expect((thrown as AppError).code).toMatch(
            /^dataset\/(?:damaged-file|truncated-file|impossible-size|compression-bomb)$/,
          )
          refused++
          return { x }
        })
        expect(read).toEqual({ x })
      }),
      { numRuns: 150 },
    )
    expect(refused).toBeGreaterThan(140)
  })

  it('that would inflate beyond measure are refused before they do', async () => {
    const writer = new MatWriter()
    const front = writer.front(6, [2 ** 14, 2 ** 14], 'features')
    const data = 2 ** 31
    const zeros = deflateSync(
      Buffer.concat([writer.u32(14, front.length + 8 + data), front, writer.u32(9, data), Buffer.alloc(2 ** 20)]),
    )
    const bomb = Buffer.concat([writer.header(), writer.u32(15, zeros.length), zeros])
    expect(await codeOf(readBytes(bomb))).toBe('dataset/compression-bomb')
  })

  it('with more behind the data than announced are refused', async () => {
    const writer = new MatWriter()
    const stored = deflateSync(
      Buffer.concat([writer.variable('x', { dimensions: [1, 1], values: [1] }), Buffer.alloc(2 ** 22)]),
    )
    const file = Buffer.concat([writer.header(), writer.u32(15, stored.length), stored])
    expect(await codeOf(readBytes(file))).toBe('dataset/damaged-file')
  })

  it('whose dimensions overflow are refused', async () => {
    for (const dimensions of [
      [2 ** 31 - 1, 2 ** 31 - 1],
      [2 ** 16, 2 ** 16],
      [0, 5],
    ]) {
      expect(await codeOf(readBytes(writeMat5({ x: { dimensions, values: [1, 2] } })))).toBe('dataset/impossible-size')
    }
  })

  it('are told from other files', async () => {
    expect(await codeOf(readBytes(Buffer.alloc(4096)))).toBe('dataset/unsupported-content')
    expect(await codeOf(readBytes(Buffer.from('not a mat file')))).toBe('dataset/unsupported-content')
  })
})
