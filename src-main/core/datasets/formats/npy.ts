import { sizeOf } from '../../../contract/index.ts'
import { ByteReader, openFile, readAt, withFile, type OpenFile } from './byte-reader.ts'
import { damagedFile, impossibleSize, truncatedFile, unsupportedFile } from './failures.ts'
import { bytesOf, portionBytes, viewNumbers, type Numbers, type StorageType } from './numbers.ts'
import { countOf } from './variable.ts'

// The format: NEP 1, "A Simple File Format for NumPy Arrays", versions 1.0, 2.0 and 3.0.

export interface NpyHeader {
  readonly type: StorageType
  readonly bigEndian: boolean
  readonly fortranOrder: boolean
  readonly shape: readonly number[]
  /** Where the data begin. */
  readonly offset: number
}

const dictionary =
  /^\{\s*'descr'\s*:\s*'([<>|=])([a-zA-Z]\d+)'\s*,\s*'fortran_order'\s*:\s*(True|False)\s*,\s*'shape'\s*:\s*\(([\d\s,]*)\)\s*,?\s*\}\s*$/

async function readHeader(file: OpenFile): Promise<NpyHeader> {
  if (file.bytes < 10) throw truncatedFile(file.name)
  const start = await readAt(file, 0, 10)
  if (start.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw unsupportedFile(file.name, 'is not a NumPy file', 'Save it with numpy.save.')
  }
  const version = start[6]
  if (version < 1 || version > 3) {
    throw unsupportedFile(file.name, `has version ${version} of the NumPy format`, 'Save it with numpy.save.')
  }
  const lengthAt = version === 1 ? 10 : 12
  if (file.bytes < lengthAt) throw truncatedFile(file.name)
  const length = version === 1 ? start.readUInt16LE(8) : (await readAt(file, 8, 4)).readUInt32LE()
  if (length > 10_000) throw damagedFile(file.name, 'its header is longer than any header')
  const offset = lengthAt + length
  if (offset > file.bytes) throw truncatedFile(file.name)

  const match = dictionary.exec((await readAt(file, lengthAt, length)).toString('latin1'))
  if (match === null) throw damagedFile(file.name, 'its header cannot be understood')
  const [, order, type, fortran, sizes] = match as unknown as [string, string, string, string, string]
  if (!/^(?:[iu][1248]|f[48])$/.test(type)) {
    throw unsupportedFile(file.name, `holds values of type ${type}`, 'Save float32, float64 or whole numbers.')
  }
  const shape = sizes.split(',').flatMap((size) => (size.trim() === '' ? [] : [Number(size)]))
  if (!shape.every(Number.isSafeInteger)) throw damagedFile(file.name, 'its header cannot be understood')
  const header: NpyHeader = {
    type: type as StorageType,
    bigEndian: order === '>',
    fortranOrder: fortran === 'True',
    shape,
    offset,
  }
  const announced = countOf(shape) * bytesOf(header.type)
  if (!Number.isSafeInteger(announced)) throw impossibleSize(file.name, `says that it is ${sizeOf(shape)}`)
  if (offset + announced > file.bytes) throw truncatedFile(file.name)
  if (offset + announced < file.bytes) throw damagedFile(file.name, 'there are more data than its header announces')
  return header
}

/** The header, checked: data of exactly that size follow it. */
export function npyHeader(file: { path: string; name: string }): Promise<NpyHeader> {
  return withFile(file, readHeader)
}

/** The values in row-major order, in portions; each is valid until the next is asked for. */
export async function* npyNumbers(file: { path: string; name: string }, signal: AbortSignal): AsyncGenerator<Numbers> {
  const opened = await openFile(file)
  try {
    const header = await readHeader(opened)
    yield* header.fortranOrder && header.shape.length > 1
      ? columnMajor(opened, header, signal)
      : rowMajor(opened, header, signal)
  } finally {
    await opened.handle.close()
  }
}

async function* rowMajor(file: OpenFile, header: NpyHeader, signal: AbortSignal): AsyncGenerator<Numbers> {
  const total = countOf(header.shape) * bytesOf(header.type)
  const reader = new ByteReader(file, header.offset, total, { inflated: false, signal })
  const portion = new Uint8Array(Math.min(portionBytes, total))
  for (let left = total; left > 0;) {
    const bytes = portion.subarray(0, Math.min(left, portion.length))
    await reader.fill(bytes)
    left -= bytes.length
    yield viewNumbers(bytes, header.type, header.bigEndian)
  }
}

/** Turns a column-major matrix over, a band of rows at a time. */
async function* columnMajor(file: OpenFile, header: NpyHeader, signal: AbortSignal): AsyncGenerator<Numbers> {
  const [rows, columns] = header.shape as [number, number]
  const size = bytesOf(header.type)
  if (rows === 0 || columns === 0) return
  const bandRows = Math.max(1, Math.min(rows, Math.floor((32 * 2 ** 20) / (columns * 8))))
  for (let start = 0; start < rows; start += bandRows) {
    const height = Math.min(bandRows, rows - start)
    const band = new Float64Array(height * columns)
    const piece = new Uint8Array(height * size)
    for (let column = 0; column < columns; column++) {
      signal.throwIfAborted()
      const at = header.offset + (column * rows + start) * size
      const { bytesRead } = await file.handle.read(piece, 0, piece.length, at)
      if (bytesRead < piece.length) throw truncatedFile(file.name)
      const values = viewNumbers(piece, header.type, header.bigEndian)
      for (let row = 0; row < height; row++) band[row * columns + column] = values[row]!
    }
    yield band
  }
}

/** The header of a little-endian, row-major array, padded as NumPy does. */
export function npyPreamble(type: 'f4' | 'i4', shape: readonly number[]): Buffer {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ')
  const header = `{'descr': '<${type}', 'fortran_order': False, 'shape': (${sizes}), }`
  const length = Math.ceil((10 + header.length + 1) / 64) * 64 - 10
  const preamble = Buffer.alloc(10 + length, ' ')
  preamble.write('\x93NUMPY\x01\x00', 'latin1')
  preamble.writeUInt16LE(length, 8)
  preamble.write(header, 10, 'latin1')
  preamble.write('\n', preamble.length - 1, 'latin1')
  return preamble
}
