import { createHash } from 'node:crypto'
import { open, readFile, stat } from 'node:fs/promises'
import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { AppError, grouped } from '../../contract/index.ts'
import { bmpHeader, bmpHeaderBytes, decodeBmp } from './bmp.ts'
import { notAPicture, tooLarge, truncated, unreadable } from './errors.ts'
import { formatOf, isHeic, type PhotoFormat } from './format.ts'
import { jpegHasEnd, plainJpegSize } from './jpeg.ts'

/** The bytes of a picture, or the path of a file of them. */
export type PhotoSource = Uint8Array | string

export interface PhotoInfo {
  /** Pixels, upright. */
  readonly width: number
  readonly height: number
  readonly format: PhotoFormat
}

/** More than any camera makes; a small file can claim far more (a decompression bomb). */
export const mostPixels = 0x3fff * 0x3fff
/** Of a file. */
const mostBytes = 256 * 2 ** 20

// Kept pictures would be those of a file that has changed since, and each is asked for once.
sharp.cache(false)

const options: SharpOptions = { limitInputPixels: mostPixels, failOn: 'truncated', pages: 1 }

/**
 * What a picture's header says, and whether its end is there, where all of it is given and that is easily seen. Whether
 * what lies between is sound only decoding tells. @throws AppError `photo/…`.
 */
export async function readPhotoInfo(source: PhotoSource): Promise<PhotoInfo> {
  const front = typeof source === 'string' ? await frontOf(source) : source
  const format = requireFormat(front)
  if (typeof source !== 'string' && !hasEnd(source, format)) throw truncated()
  const plain = format === 'bmp' ? bmpHeader(front) : format === 'jpeg' ? plainJpegSize(front) : null
  if (plain !== null) return { ...requirePixels(plain.width, plain.height), format }
  try {
    const header = await sharp(source, { ...options, limitInputPixels: false }).metadata()
    // A signature is no promise: libvips chooses its loader by itself.
    const read = header.format === 'heif' ? header.compression === 'av1' && 'avif' : header.format
    if (read !== format) throw notAPicture()
    const { width, height } = header.autoOrient
    return { ...requirePixels(width, height), format }
  } catch (thrown) {
    throw asPhotoError(thrown)
  }
}

/**
 * Decodes a picture: upright, its first frame, 8-bit sRGB, three channels, transparency on white. `use` goes on from
 * there (resize, say) and ends the pipeline, e.g. with `.raw().toBuffer()`; it is told the size.
 * @throws AppError `photo/…`, also where a picture is cut short.
 */
export async function decodePhoto<T>(
  source: PhotoSource,
  use: (picture: Sharp, info: PhotoInfo) => Promise<T>,
): Promise<T> {
  const bytes = typeof source === 'string' ? await readPhoto(source) : source
  const info = await readPhotoInfo(bytes)
  const opened = info.format === 'bmp' ? openBmp(bytes) : sharp(bytes, options)
  try {
    return await use(opened.autoOrient().flatten({ background: '#fff' }).toColourspace('srgb'), info)
  } catch (thrown) {
    throw asPhotoError(thrown)
  }
}

/** A JPEG with at most this many pixels on the longer side. */
export function thumbnail(source: PhotoSource, longest = 256): Promise<Uint8Array> {
  return decodePhoto(source, (picture) =>
    picture
      .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
      .jpeg({ quality: 82 })
      .toBuffer(),
  )
}

/** The whole file, unless it is larger than any picture. */
export async function readPhoto(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path)
    if (size > mostBytes) throw tooLarge(`takes ${Math.round(size / 2 ** 20)} MB`)
    return await readFile(path)
  } catch (thrown) {
    throw thrown instanceof AppError ? thrown : unreadable(thrown)
  }
}

/** SHA-256 of a picture's bytes, in hexadecimal: its identity. */
export const photoHash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function hasEnd(bytes: Uint8Array, format: PhotoFormat): boolean {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (format === 'jpeg') return jpegHasEnd(bytes)
  if (format === 'png') return buffer.lastIndexOf('IEND') > 0
  return format !== 'webp' || buffer.readUInt32LE(4) + 8 <= bytes.length
}

function openBmp(bytes: Uint8Array): Sharp {
  const { width, height, data } = decodeBmp(bytes)
  return sharp(data, { ...options, raw: { width, height, channels: 3 } })
}

async function frontOf(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, 'r')
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(bmpHeaderBytes), 0, bmpHeaderBytes, 0)
      return buffer.subarray(0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (thrown) {
    throw unreadable(thrown)
  }
}

function requireFormat(front: Uint8Array): PhotoFormat {
  const format = formatOf(front)
  if (format !== null) return format
  throw isHeic(front) ? notAPicture('HEIC pictures cannot be read. Save it as JPEG.') : notAPicture()
}

function requirePixels(width: number, height: number): { width: number; height: number } {
  if (width * height > mostPixels) {
    throw tooLarge(`claims ${grouped(width)} × ${grouped(height)} pixels`)
  }
  return { width, height }
}

/** libvips tells its failures in words only. */
function asPhotoError(thrown: unknown): unknown {
  // An AppError or an abort passes.
  if (!(thrown instanceof Error) || thrown.name !== 'Error') return thrown
  if (thrown.message.includes('exceeds pixel limit')) return tooLarge('claims too many pixels')
  return thrown.message.includes('unsupported image format') ? notAPicture() : truncated(thrown)
}
