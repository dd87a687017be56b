const longest = 180 // bytes of a name: file systems take 255, and a number and an extension may follow
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/**
 * A name that every file system takes, Windows' too, and that never leads out of its folder: no separators, no characters
 * or device names that Windows keeps for itself, no dots or spaces at its end.
 */
export function safeName(name: string): string {
  const plain = cut(name.normalize('NFC').replace(/[<>:"/\\|?*\p{Cc}]/gu, '_')).replace(/[. ]+$/, '')
  const named = plain === '' ? '_' : plain
  return reserved.test(named) ? `_${named}` : named
}

/** No longer than allowed, in whole characters. */
function cut(name: string): string {
  let bytes = 0
  let kept = ''
  for (const character of name) {
    bytes += Buffer.byteLength(character)
    if (bytes > longest) break
    kept += character
  }
  return kept
}
