import { notAPicture, truncated } from './errors.ts'

// libvips has no loader for BMP. Windows' own kinds are read: 1, 4, 8, 16, 24 and 32 bits, run lengths, bit fields.

interface BmpHeader {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly bits: number
  readonly compression: 'none' | 'rle8' | 'rle4'
  /** Of red, green and blue in a pixel of 16 or 32 bits. */
  readonly masks: readonly [number, number, number]
  readonly palette: { readonly at: number; readonly count: number; readonly entry: 3 | 4 }
  readonly pixelsAt: number
}

const compressions = ['none', 'rle8', 'rle4', 'fields', null, null, 'fields'] as const

/** Longest header, with the masks behind a short one. */
export const bmpHeaderBytes = 14 + 124

/** @throws AppError where the header is none, or of a kind that is not read. */
export function bmpHeader(bytes: Uint8Array): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 26) throw truncated()
  const headerSize = view.getUint32(14, true)
  const old = headerSize === 12
  if (!old && (headerSize < 40 || headerSize > 124)) throw notAPicture()
  if (bytes.length < 14 + headerSize) throw truncated()

  const width = old ? view.getUint16(18, true) : view.getInt32(18, true)
  const tall = old ? view.getInt16(20, true) : view.getInt32(22, true)
  const bits = view.getUint16(old ? 24 : 28, true)
  const compression = compressions[old ? 0 : view.getUint32(30, true)] ?? null
  const fits =
    compression === 'rle8'
      ? bits === 8
      : compression === 'rle4'
        ? bits === 4
        : compression === 'fields'
          ? bits === 16 || bits === 32
          : compression !== null && [1, 4, 8, 16, 24, 32].includes(bits)
  if (compression === null || !fits || width <= 0 || tall === 0) throw notAPicture()

  const fields = compression === 'fields'
  if (fields && bytes.length < 66) throw truncated()
  const masks: BmpHeader['masks'] = fields
    ? [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)]
    : bits === 16
      ? [0x7c00, 0x03e0, 0x001f]
      : [0xff0000, 0x00ff00, 0x0000ff]
  const used = old ? 0 : view.getUint32(46, true)
  return {
    width,
    height: Math.abs(tall),
    topDown: tall < 0,
    bits,
    compression: fields ? 'none' : compression,
    masks,
    palette: {
      at: 14 + headerSize,
      count: bits > 8 ? 0 : Math.min(used === 0 ? 2 ** bits : used, 2 ** bits),
      entry: old ? 3 : 4,
    },
    pixelsAt: view.getUint32(10, true),
  }
}

/** Rows from the top, three bytes a pixel. Its size has been held against the cap on pixels before. */
export function decodeBmp(bytes: Uint8Array): { width: number; height: number; data: Uint8Array } {
  const header = bmpHeader(bytes)
  const { width, height, bits, compression } = header
  const stride = Math.ceil((width * bits) / 32) * 4
  // A run names at most 255 pixels in two bytes: what claims more is no picture, and would take the memory of one.
  const possible =
    compression === 'none'
      ? header.pixelsAt + stride * (height - 1) + Math.ceil((width * bits) / 8) <= bytes.length
      : width * height <= bytes.length * 128
  if (!possible) throw truncated()
  const data = new Uint8Array(width * height * 3)
  if (bits > 8) directPixels(bytes, header, stride, data)
  else {
    const indices = compression === 'none' ? packedIndices(bytes, header, stride) : runIndices(bytes, header)
    const colours = paletteOf(bytes, header)
    for (let i = 0; i < indices.length; i++) data.set(colours.subarray(indices[i] * 3, indices[i] * 3 + 3), i * 3)
  }
  return { width, height, data }
}

/** Row of the file, counted from its start, that holds row `y` from the top. */
const rowInFile = ({ topDown, height }: BmpHeader, y: number): number => (topDown ? y : height - 1 - y)

/** 256 colours, those that the file does not name black. */
function paletteOf(bytes: Uint8Array, { palette: { at, count, entry } }: BmpHeader): Uint8Array {
  if (at + count * entry > bytes.length) throw truncated()
  const colours = new Uint8Array(256 * 3)
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++) colours[i * 3 + channel] = bytes[at + i * entry + 2 - channel]
  }
  return colours
}

function packedIndices(bytes: Uint8Array, header: BmpHeader, stride: number): Uint8Array {
  const { width, height, bits, pixelsAt } = header
  const indices = new Uint8Array(width * height)
  const perByte = 8 / bits
  for (let y = 0; y < height; y++) {
    const row = pixelsAt + rowInFile(header, y) * stride
    for (let x = 0; x < width; x++) {
      const shift = 8 - bits * ((x % perByte) + 1)
      indices[y * width + x] = (bytes[row + Math.floor(x / perByte)] >> shift) & (2 ** bits - 1)
    }
  }
  return indices
}

/** Run lengths; pixels that are skipped stay 0. */
function runIndices(bytes: Uint8Array, header: BmpHeader): Uint8Array {
  const { width, height, bits, pixelsAt } = header
  const indices = new Uint8Array(width * height)
  let x = 0
  let row = 0
  const put = (index: number): void => {
    if (x < width) indices[rowInFile(header, row) * width + x] = index
    x++
  }
  const nibbleOf = (byte: number, i: number): number => (bits === 8 ? byte : i % 2 === 0 ? byte >> 4 : byte & 15)
  for (let at = pixelsAt; row < height;) {
    if (at + 2 > bytes.length) throw truncated()
    const count = bytes[at]
    const value = bytes[at + 1]
    at += 2
    if (count > 0) for (let i = 0; i < count; i++) put(nibbleOf(value, i))
    else if (value === 1) break
    else if (value === 0) {
      x = 0
      row++
    } else if (value === 2) {
      if (at + 2 > bytes.length) throw truncated()
      x += bytes[at]
      row += bytes[at + 1]
      at += 2
    } else {
      const length = Math.ceil((value * bits) / 8)
      if (at + length > bytes.length) throw truncated()
      for (let i = 0; i < value; i++) put(nibbleOf(bytes[at + Math.floor((i * bits) / 8)], i))
      at += length + (length % 2)
    }
  }
  return indices
}

function directPixels(bytes: Uint8Array, header: BmpHeader, stride: number, data: Uint8Array): void {
  const { width, height, bits, pixelsAt, masks } = header
  const size = bits / 8
  const fields = masks.map((mask) => {
    const shift = mask === 0 ? 0 : Math.log2((mask & -mask) >>> 0)
    return { mask, shift, most: mask >>> shift || 1 }
  })
  for (let y = 0; y < height; y++) {
    let from = pixelsAt + rowInFile(header, y) * stride
    let to = y * width * 3
    for (let x = 0; x < width; x++, from += size) {
      if (size === 3) {
        data[to++] = bytes[from + 2]
        data[to++] = bytes[from + 1]
        data[to++] = bytes[from]
        continue
      }
      const pixel =
        bytes[from] | (bytes[from + 1] << 8) | (size === 2 ? 0 : (bytes[from + 2] << 16) | (bytes[from + 3] << 24))
      for (const { mask, shift, most } of fields) data[to++] = Math.round((((pixel & mask) >>> shift) / most) * 255)
    }
  }
}
