import fc from 'fast-check'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { npyFloats, temporaryFolder } from '../testing/folders.ts'
import { npyHeader, npyNumbers } from './npy.ts'

const signal = new AbortController().signal

function npy(version: number, header: string, data: Buffer): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4)
  if (version === 1) length.writeUInt16LE(header.length)
  else length.writeUInt32LE(header.length)
  return Buffer.concat([
    Buffer.from('\x93NUMPY', 'latin1'),
    Buffer.from([version, 0]),
    length,
    Buffer.from(header),
    data,
  ])
}

async function read(bytes: Buffer): Promise<number[]> {
  await using folder = await temporaryFolder()
  const file = { path: join(folder.path, 'a.npy'), name: 'a.npy' }
  await writeFile(file.path, bytes)
  const values: number[] = []
  for await (const portion of npyNumbers(file, signal)) values.push(...portion)
  expect((await npyHeader(file)).shape.reduce((product, size) => product * size, 1)).toBe(values.length)
  return values
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (thrown: unknown) => {
      if (thrown instanceof AppError) return thrown.code
      throw thrown
    },
  )

describe('NumPy files', () => {
  it.each([1, 2, 3])('of version %i are read', async (version) => {
    const header = "{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }   \n"
    expect(await read(npy(version, header, Buffer.from(Int32Array.of(1, -2, 3).buffer)))).toEqual([1, -2, 3])
  })

  it.each([
    ['<f4', Buffer.from(Float32Array.of(0.5, -8).buffer)],
    ['<f8', Buffer.from(Float64Array.of(0.5, -8).buffer)],
    ['>f4', Buffer.from(Float32Array.of(0.5, -8).buffer).swap32()],
    ['>f8', Buffer.from(Float64Array.of(0.5, -8).buffer).swap64()],
  ])('of type %s are read', async (type, data) => {
    expect(await read(npy(1, `{'descr': '${type}', 'fortran_order': False, 'shape': (2, 1), }`, data))).toEqual([
      0.5, -8,
    ])
  })

  it.each([
    ['<i8', Buffer.from(BigInt64Array.of(200n, 7n).buffer)],
    ['>u2', Buffer.from(Uint16Array.of(200, 7).buffer).swap16()],
    ['|u1', Buffer.from([200, 7])],
  ])('of whole type %s are read', async (type, data) => {
    expect(await read(npy(1, `{'descr': '${type}', 'fortran_order': False, 'shape': (2,), }`, data))).toEqual([200, 7])
  })

  it('in column-major order come out row by row', async () => {
    const data = Buffer.from(Float64Array.of(1, 4, 2, 5, 3, 6).buffer)
    expect(await read(npy(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", data))).toEqual([
      1, 2, 3, 4, 5, 6,
    ])
  })

  it.each([
    ['dataset/truncated-file', "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }"],
    ['dataset/damaged-file', "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"],
    ['dataset/damaged-file', "{'descr': '<f8', 'fortran_order': False, 'shape': __import__('os'), }"],
    ['dataset/impossible-size', "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }"],
    ['dataset/unsupported-content', "{'descr': '|O8', 'fortran_order': False, 'shape': (2,), }"],
    ['dataset/unsupported-content', "{'descr': '<c8', 'fortran_order': False, 'shape': (2,), }"],
  ])('are refused with %s for %s', async (code, header) => {
    expect(await codeOf(read(npy(1, header, Buffer.alloc(16))))).toBe(code)
  })

  it('cut short anywhere are refused', async () => {
    const bytes = npyFloats([2, 3], [1, 2, 3, 4, 5, 6])
    for (let length = 0; length < bytes.length; length++) {
      expect(await codeOf(read(bytes.subarray(0, length)))).toMatch(/^dataset\//)
    }
  })

  it('with any bytes changed are read or refused', async () => {
    const original = npyFloats([2, 3], [1, 2, 3, 4, 5, 6])
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 }), async (at, value) => {
        const bytes = Buffer.from(original)
        bytes[at] = value
        expect(await codeOf(read(bytes))).toMatch(/^(?:read|dataset\/[a-z-]+)$/)
      }),
      { numRuns: 300 },
    )
  })
})
