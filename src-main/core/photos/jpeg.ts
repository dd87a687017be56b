/**
 * Size of a JPEG that has no EXIF and so lies as it is shown; null for any other, for libvips to say. Most photos of a
 * dataset are such, and asking libvips takes a good part of the time that decoding one of them does.
 */
export function plainJpegSize(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // Behind the start of the picture: segments of a marker, their length and their content, up to that of the frame.
  for (let at = 2; at + 9 <= bytes.length;) {
    if (bytes[at] !== 0xff) return null
    const marker = bytes[at + 1]
    if (marker === exif) return null
    if (frames.has(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)]
      return width > 0 && height > 0 ? { width, height } : null
    }
    if (!(marker >= firstTable && marker <= lastTable)) return null
    at += 2 + view.getUint16(at + 2)
  }
  return null
}

/** Application data 1; XMP is there too. */
const exif = 0xe1
/** Baseline, extended and progressive. */
const frames = new Set([0xc0, 0xc1, 0xc2])
/** Huffman and quantisation tables, restart intervals, application data, comments: what may come before the frame. */
const [firstTable, lastTable] = [0xc4, 0xfe]
