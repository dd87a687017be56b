import { grouped, sizeOf } from '../../../contract/index.ts'
import { ByteReader, readAt, type OpenFile } from './byte-reader.ts'
import { compressionBomb, damagedFile, impossibleSize, isBomb, truncatedFile, unsupportedFile } from './failures.ts'
import { bytesOf, portionBytes, viewNumbers, type Numbers, type StorageType } from './numbers.ts'
import { countOf, notMat, type MatVariable } from './variable.ts'

// The format: "MAT-File Format", The MathWorks, chapter 1 (level 5).

const miMatrix = 14
const miCompressed = 15
const storageTypes: Readonly<Partial<Record<number, StorageType>>> = {
  1: 'i1',
  2: 'u1',
  3: 'i2',
  4: 'u2',
  5: 'i4',
  6: 'u4',
  7: 'f4',
  9: 'f8',
  12: 'i8',
  13: 'u8',
}
/** Text may also be stored as UTF-8, UTF-16 or UTF-32. */
const textTypes: Readonly<Partial<Record<number, 1 | 2 | 4>>> = { 1: 1, 2: 1, 4: 2, 16: 1, 17: 2, 18: 4 }
const miUtf8 = 16

/** Texts are read whole; no list of image names is this long. */
const longestTexts = 128 * 2 ** 20

const kindOfClass = (matlabClass: number): MatVariable['kind'] => {
  if (matlabClass === 1) return 'cells'
  if (matlabClass === 4) return 'text'
  return matlabClass >= 6 && matlabClass <= 15 ? 'numbers' : 'other'
}

const padded = (bytes: number): number => Math.ceil(bytes / 8) * 8

interface Tag {
  readonly type: number
  readonly bytes: number
  /** The data of a small element sit inside its tag. */
  readonly inTag: Buffer | null
}

function parseTag(tag: Buffer, littleEndian: boolean): Tag {
  const view = new DataView(tag.buffer, tag.byteOffset, 8)
  const first = view.getUint32(0, littleEndian)
  const small = first >>> 16
  if (small >= 1 && small <= 4) return { type: first & 0xffff, bytes: small, inTag: tag.subarray(4, 4 + small) }
  return { type: first, bytes: view.getUint32(4, littleEndian), inTag: null }
}

interface Header {
  readonly name: string
  readonly dimensions: readonly number[]
  readonly kind: MatVariable['kind']
  readonly complex: boolean
}

/** One miMATRIX element, read from front to back. Knows how many of its bytes are left, so that nothing reaches past it. */
class Element {
  readonly file: OpenFile
  readonly littleEndian: boolean
  readonly #reader: ByteReader
  #left: number

  constructor(file: OpenFile, reader: ByteReader, bytes: number, littleEndian: boolean) {
    this.file = file
    this.littleEndian = littleEndian
    this.#reader = reader
    this.#left = bytes
  }

  damaged(what: string) {
    return damagedFile(this.file.name, what)
  }

  async fill(target: Uint8Array): Promise<void> {
    if (target.length > this.#left) throw this.damaged('a part of it reaches past the whole')
    this.#left -= target.length
    await this.#reader.fill(target)
  }

  async take(count: number): Promise<Buffer> {
    if (count > this.#left) throw this.damaged('a part of it reaches past the whole')
    const bytes = Buffer.alloc(count)
    await this.fill(bytes)
    return bytes
  }

  async tag(): Promise<Tag> {
    const tag = parseTag(await this.take(8), this.littleEndian)
    if (tag.inTag === null && tag.bytes > this.#left) throw this.damaged('a part of it reaches past the whole')
    return tag
  }

  /** A short sub-element, whole. */
  async small(limit: number): Promise<{ type: number; data: Buffer }> {
    const tag = await this.tag()
    if (tag.inTag !== null) return { type: tag.type, data: tag.inTag }
    if (tag.bytes > limit) throw this.damaged('a header of it is longer than any header')
    const data = await this.take(Math.min(padded(tag.bytes), this.#left))
    return { type: tag.type, data: data.subarray(0, tag.bytes) }
  }

  async header(): Promise<Header> {
    const flags = await this.small(64)
    if (flags.type !== 6 || flags.data.length !== 8) throw this.damaged('a variable has no valid flags')
    const flag = this.littleEndian ? flags.data.readUInt32LE(0) : flags.data.readUInt32BE(0)
    const kind = kindOfClass(flag & 0xff)
    if (kind === 'other') return { name: '', dimensions: [], kind, complex: false }

    const sizes = await this.small(4 * 32)
    if (sizes.type !== 5 || sizes.data.length % 4 !== 0 || sizes.data.length < 8) {
      throw this.damaged('a variable has no valid dimensions')
    }
    const dimensions = Array.from({ length: sizes.data.length / 4 }, (_, i) =>
      this.littleEndian ? sizes.data.readInt32LE(4 * i) : sizes.data.readInt32BE(4 * i),
    )
    if (dimensions.some((size) => size < 0)) throw this.damaged('a variable has negative dimensions')
    const name = await this.small(1024)
    return { name: name.data.toString('utf8'), dimensions, kind, complex: (flag & 0x800) !== 0 }
  }

  /** What is left of the element, which must be within `limit`. */
  async rest(limit: number): Promise<Buffer> {
    if (this.#left > limit) throw impossibleSize(this.file.name, 'has a list of texts beyond all measure')
    return this.take(this.#left)
  }

  finish(): Promise<void> {
    // Nothing but padding may follow.
    return this.#reader.finish(7)
  }
}

async function* numbersOf(element: Element, header: Header): AsyncGenerator<Numbers> {
  const { file } = element
  if (header.complex) {
    throw unsupportedFile(file.name, `has complex numbers in “${header.name}”`, 'Save real numbers instead.')
  }
  const tag = await element.tag()
  const type = storageTypes[tag.type]
  if (type === undefined) throw element.damaged(`“${header.name}” is stored in an unknown way`)
  const count = countOf(header.dimensions)
  if (!Number.isSafeInteger(count) || count * bytesOf(type) !== tag.bytes) {
    throw impossibleSize(
      file.name,
      `says that “${header.name}” is ${sizeOf(header.dimensions)}, which is not what it holds`,
    )
  }
  if (tag.inTag !== null) {
    const aligned = new Uint8Array(8)
    aligned.set(tag.inTag)
    yield viewNumbers(aligned.subarray(0, tag.bytes), type, !element.littleEndian)
  } else {
    const portion = new Uint8Array(Math.min(portionBytes, tag.bytes))
    for (let left = tag.bytes; left > 0;) {
      const bytes = portion.subarray(0, Math.min(left, portion.length))
      await element.fill(bytes)
      left -= bytes.length
      yield viewNumbers(bytes, type, !element.littleEndian)
    }
  }
  await element.finish()
}

/** Walks bytes that are in memory. */
class Cursor {
  readonly #element: Element
  readonly #bytes: Buffer
  #at = 0

  constructor(element: Element, bytes: Buffer) {
    this.#element = element
    this.#bytes = bytes
  }

  get done(): boolean {
    return this.#at === this.#bytes.length
  }

  next(): { type: number; data: Buffer } {
    const bytes = this.#bytes
    if (this.#at + 8 > bytes.length) throw this.#element.damaged('a cell of it is cut short')
    const tag = parseTag(bytes.subarray(this.#at, this.#at + 8), this.#element.littleEndian)
    this.#at += 8
    if (tag.inTag !== null) return { type: tag.type, data: tag.inTag }
    const end = this.#at + tag.bytes
    if (end > bytes.length) throw this.#element.damaged('a cell of it reaches past its end')
    const data = bytes.subarray(this.#at, end)
    // The last element of a matrix may go without its padding.
    this.#at = Math.min(bytes.length, this.#at + (tag.type === miMatrix ? tag.bytes : padded(tag.bytes)))
    return { type: tag.type, data }
  }
}

function decodeText(element: Element, type: number, data: Buffer): string {
  const width = textTypes[type]
  if (width === undefined || data.length % width !== 0) throw element.damaged('a text is stored in an unknown way')
  if (width === 1) return data.toString(type === miUtf8 ? 'utf8' : 'latin1')
  const little = Buffer.from(data)
  if (!element.littleEndian) {
    if (width === 2) little.swap16()
    else little.swap32()
  }
  if (width === 2) return little.toString('utf16le')
  let text = ''
  for (let i = 0; i < little.length; i += 4) {
    const code = little.readUInt32LE(i)
    if (code > 0x10ffff) throw element.damaged('a text has an impossible character')
    text += String.fromCodePoint(code)
  }
  return text
}

/** The text of one cell: a char matrix of one row, or a 1×1 cell around one. */
function cellText(element: Element, cell: { type: number; data: Buffer }, depth: number): string {
  if (cell.type !== miMatrix || depth > 4) throw element.damaged('a cell of it is not a matrix')
  if (cell.data.length === 0) return ''
  const cursor = new Cursor(element, cell.data)
  const flags = cursor.next().data
  cursor.next()
  cursor.next()
  if (flags.length !== 8) throw element.damaged('a cell of it has no valid flags')
  const matlabClass = flags[element.littleEndian ? 0 : 3]
  if (matlabClass === 1) return cellText(element, cursor.next(), depth + 1)
  if (matlabClass !== 4) {
    throw unsupportedFile(element.file.name, 'has a cell array of something other than texts', 'Save names as texts.')
  }
  // An empty text may go without data.
  if (cursor.done) return ''
  const { type, data } = cursor.next()
  return decodeText(element, type, data)
}

async function stringsOf(element: Element, header: Header): Promise<string[]> {
  const cursor = new Cursor(element, await element.rest(longestTexts))
  await element.finish()
  if (header.kind === 'text') {
    const { type, data } = cursor.next()
    return [decodeText(element, type, data)]
  }
  const count = countOf(header.dimensions)
  const texts: string[] = []
  // A cell takes at least its tag, so that no announced count makes this loop longer than the bytes.
  while (texts.length < count) texts.push(cellText(element, cursor.next(), 0))
  return texts
}

/**
 * The variables of a MATLAB 5 file in the file's order, compressed or not, of either endianness.
 * A variable that is not read is skipped without being inflated; one that is read is verified to its end.
 */
export async function* readMat5(file: OpenFile, signal: AbortSignal): AsyncGenerator<MatVariable> {
  const endian = (await readAt(file, 124, 4)).toString('latin1', 2)
  if (endian !== 'IM' && endian !== 'MI') throw notMat(file.name)
  const littleEndian = endian === 'IM'

  for (let position = 128; position < file.bytes;) {
    signal.throwIfAborted()
    if (position + 8 > file.bytes) throw truncatedFile(file.name)
    const tag = parseTag(await readAt(file, position, 8), littleEndian)
    const compressed = tag.type === miCompressed
    if (tag.inTag !== null || (!compressed && tag.type !== miMatrix)) {
      throw damagedFile(file.name, 'something other than a variable stands among its variables')
    }
    const start = position + 8
    if (start + tag.bytes > file.bytes) throw truncatedFile(file.name)
    position = start + tag.bytes
    if (tag.bytes === 0) continue

    const reader = new ByteReader(file, start, tag.bytes, { inflated: compressed, signal })
    try {
      const element = await openElement(file, reader, tag.bytes, compressed, littleEndian)
      const header = await element.header()
      if (header.kind === 'other') continue
      yield {
        ...header,
        numbers: () => numbersOf(element, header),
        strings: () => stringsOf(element, header),
      }
    } finally {
      reader.close()
    }
  }
}

async function openElement(
  file: OpenFile,
  reader: ByteReader,
  stored: number,
  compressed: boolean,
  littleEndian: boolean,
): Promise<Element> {
  if (!compressed) return new Element(file, reader, stored, littleEndian)
  const inner = parseTag(await reader.take(8), littleEndian)
  if (inner.type !== miMatrix || inner.inTag !== null) {
    throw damagedFile(file.name, 'a compressed part of it holds no variable')
  }
  if (isBomb(inner.bytes, stored)) {
    throw compressionBomb(file.name, `${grouped(stored)} bytes announce ${grouped(inner.bytes)}`)
  }
  return new Element(file, reader, inner.bytes, littleEndian)
}
