import { deflateSync } from 'node:zlib'
import { bytesOf, type StorageType } from '../formats/numbers.ts'

/** Writes MATLAB 5 files for tests: what real writers do, and (by `storage`) what they seldom do. */
export interface MatOptions {
  readonly compressed?: boolean
  readonly bigEndian?: boolean
}

export interface MatMatrix {
  /** As MATLAB shows them; `values` are column-major. */
  readonly dimensions: readonly number[]
  readonly values: ArrayLike<number>
  readonly storage?: StorageType
}

export type MatContent = MatMatrix | readonly string[]

const storageCodes: Readonly<Record<StorageType, number>> = {
  i1: 1,
  u1: 2,
  i2: 3,
  u2: 4,
  i4: 5,
  u4: 6,
  f4: 7,
  f8: 9,
  i8: 12,
  u8: 13,
}

export class MatWriter {
  readonly #little: boolean

  constructor(bigEndian = false) {
    this.#little = !bigEndian
  }

  u32(...values: number[]): Buffer {
    const bytes = Buffer.alloc(4 * values.length)
    values.forEach((value, i) => (this.#little ? bytes.writeUInt32LE(value, 4 * i) : bytes.writeUInt32BE(value, 4 * i)))
    return bytes
  }

  header(): Buffer {
    const header = Buffer.alloc(128, ' ')
    header.write('MATLAB 5.0 MAT-file, written for a test')
    header.writeUInt16LE(0, 116)
    if (this.#little) header.write('\x00\x01IM', 124, 'latin1')
    else header.write('\x01\x00MI', 124, 'latin1')
    return header
  }

  /** A sub-element with its padding; small data go into the tag, as MATLAB does. */
  element(type: number, data: Buffer): Buffer {
    if (data.length > 0 && data.length <= 4) {
      const small = Buffer.alloc(8)
      this.u32((data.length << 16) | type).copy(small)
      data.copy(small, 4)
      return small
    }
    return Buffer.concat([this.u32(type, data.length), data, Buffer.alloc((8 - (data.length % 8)) % 8)])
  }

  numbers(values: ArrayLike<number>, storage: StorageType): Buffer {
    const size = bytesOf(storage)
    const bytes = Buffer.alloc(values.length * size)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    for (let i = 0; i < values.length; i++) {
      const value = values[i]
      const at = i * size
      if (storage === 'f4') view.setFloat32(at, value, this.#little)
      else if (storage === 'f8') view.setFloat64(at, value, this.#little)
      else if (storage === 'i8' || storage === 'u8') view.setBigInt64(at, BigInt(value), this.#little)
      else if (size === 4) view.setInt32(at, value, this.#little)
      else if (size === 2) view.setInt16(at, value, this.#little)
      else view.setInt8(at, value)
    }
    return bytes
  }

  /** Flags, dimensions and name: the front of every matrix. */
  front(matlabClass: number, dimensions: readonly number[], name: string): Buffer {
    return Buffer.concat([
      this.element(6, this.u32(matlabClass, 0)),
      this.element(5, this.u32(...dimensions)),
      this.element(1, Buffer.from(name)),
    ])
  }

  text(text: string, name = ''): Buffer {
    const data = Buffer.from(text, 'utf16le')
    if (!this.#little) data.swap16()
    return this.element(14, Buffer.concat([this.front(4, [1, text.length], name), this.element(17, data)]))
  }

  variable(name: string, content: MatContent): Buffer {
    if (isTexts(content)) {
      const cells = content.map((text) => this.text(text))
      return this.element(14, Buffer.concat([this.front(1, [content.length, 1], name), ...cells]))
    }
    const { dimensions, values, storage = 'f8' } = content
    const data = this.element(storageCodes[storage], this.numbers(values, storage))
    return this.element(14, Buffer.concat([this.front(6, dimensions, name), data]))
  }

  compressed(element: Buffer): Buffer {
    const stored = deflateSync(element)
    return Buffer.concat([this.u32(15, stored.length), stored])
  }
}

// The compiler does not narrow a readonly array by Array.isArray.
const isTexts = (content: MatContent): content is readonly string[] => Array.isArray(content)

export function writeMat5(variables: Readonly<Record<string, MatContent>>, options: MatOptions = {}): Buffer {
  const writer = new MatWriter(options.bigEndian)
  const elements = Object.entries(variables).map(([name, content]) => writer.variable(name, content))
  return Buffer.concat([
    writer.header(),
    ...(options.compressed === true ? elements.map((element) => writer.compressed(element)) : elements),
  ])
}
