/** Formats that are read, by what the bytes say; a file's name says nothing. */
export const photoFormats = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'gif', 'bmp'] as const
export type PhotoFormat = (typeof photoFormats)[number]

/** Extension under which each is kept. */
export const photoExtensions: Readonly<Record<PhotoFormat, string>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  tiff: 'tif',
  gif: 'gif',
  bmp: 'bmp',
}

const named = /\.(?:jpe?g|jpe|jfif|png|webp|avif|tiff?|gif|bmp|dib)$/i

/** Whether a file calls itself a picture: how photos are found among other files. */
export const isPhotoName = (name: string): boolean => named.test(name)

/** Enough of a file for `formatOf`. */
export const frontBytes = 64

const signatures: readonly (readonly [PhotoFormat, RegExp])[] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['png', /^\x89PNG\r\n.\n/],
  ['gif', /^GIF8[79]a/],
  ['webp', /^RIFF[^]{4}WEBP/],
  ['tiff', /^(?:II[*+]\0|MM\0[*+])/],
  // A brand of AVIF, as the main one or among the compatible ones.
  ['avif', /^[^]{4}ftyp(?:[^]{4})*?avi[fs]/],
  ['bmp', /^BM/],
]

/** The format by its signature; null for anything else, also for what libvips would load (SVG, PDF). */
export function formatOf(front: Uint8Array): PhotoFormat | null {
  const text = Buffer.from(front.buffer, front.byteOffset, Math.min(frontBytes, front.length)).toString('latin1')
  return signatures.find(([, signature]) => signature.test(text))?.[0] ?? null
}

/** A phone's HEIC: worth a word of its own, since so many photos are. */
export const isHeic = (front: Uint8Array): boolean =>
  /^[^]{4}ftyp(?:hei[cxms]|hev[cxms]|mif1)/.test(Buffer.from(front.subarray(0, 12)).toString('latin1'))
