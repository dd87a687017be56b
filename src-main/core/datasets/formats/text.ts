import { unsupportedFile } from './failures.ts'

const decoders = {
  utf8: new TextDecoder('utf-8', { fatal: true }),
  korean: new TextDecoder('euc-kr'),
  western: new TextDecoder('windows-1252'),
}

/** ASCII and pairs of bytes that stand for Hangul or punctuation (KS X 1001): no other text looks so by chance. */
const korean = /^(?:[\0-\x7f]|[\xb0-\xc8\xa1-\xa3][\xa1-\xfe])*$/

/** UTF-8, or what Windows writes where it is Korean; null for anything else. */
export function decodeKnown(bytes: Uint8Array): string | null {
  try {
    return decoders.utf8.decode(bytes)
  } catch {
    return korean.test(Buffer.from(bytes).toString('latin1')) ? decoders.korean.decode(bytes) : null
  }
}

/** A text file in the encoding that it is in: spreadsheets write UTF-16 and that of their country, without saying so. */
export function decodeText(file: string, bytes: Uint8Array): string {
  const mark = (bytes[0] << 8) | bytes[1]
  if (mark === 0xfffe) return new TextDecoder('utf-16le').decode(bytes)
  if (mark === 0xfeff) return new TextDecoder('utf-16be').decode(bytes)
  if (bytes.includes(0)) throw unsupportedFile(file, 'is not a text file', 'Save it as text in UTF-8.')
  return decodeKnown(bytes) ?? decoders.western.decode(bytes)
}
