/**
 * Size of a JPEG that has no EXIF and so lies as it is shown; null for any other, for libvips to say. Most photos of a
 * dataset are such, and asking libvips takes a good part of the time that decoding one of them does.
 */
export function plainJpegSize(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (const { marker, at } of segments(bytes)) {
    if (marker === exif) return null
    if (!frames.has(marker)) continue
    if (at + 9 > bytes.length) return null
    const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
    return width > 0 && height > 0 ? { width, height } : null
  }
  return null
}

/**
 * Whether a JPEG has its end. In the data of a picture no marker can stand by chance; a small picture in its header has
 * an end of its own, which is not looked at. What some cameras write behind the end does no harm.
 */
export function jpegHasEnd(bytes: Uint8Array): boolean {
  for (const { marker, at } of segments(bytes)) {
    if (marker === scan) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).lastIndexOf(end) > at
  }
  return false
}

/** Application data 1; XMP is there too. */
const exif = 0xe1
/** Baseline, extended and progressive. */
const frames = new Set([0xc0, 0xc1, 0xc2])
const scan = 0xda
const end = Buffer.of(0xff, 0xd9)

/** Of the header: markers and where they stand, each followed by its length; the last is that of the first scan. */
function* segments(bytes: Uint8Array): Generator<{ marker: number; at: number }> {
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) return
    const marker = bytes[at + 1]
    // Fill bytes may stand before a marker.
    if (marker === 0xff) {
      at++
      continue
    }
    yield { marker, at }
    if (marker === scan) return
    at += 2 + bytes[at + 2] * 256 + bytes[at + 3]
  }
}
