/** What a person writes into a cell: a number, null where it is not known, undefined where it is neither. */
export type Typed = number | null | undefined

const unknown = new Set(['', '?', '-', '–', '—', '.', 'na', 'n/a', 'nan', 'none', 'null', 'unknown', 'not known'])
const words = new Map<string, number>([
  ...['yes', 'true', 'present', 'x'].map((word): [string, number] => [word, 1]),
  ...['no', 'false', 'absent'].map((word): [string, number] => [word, 0]),
])
const plain = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/

/**
 * A comma is a decimal comma, as most spreadsheets of Europe write it, unless a point or another comma stands beside
 * it: then it parts thousands. `50 %` is 50.
 */
export function readNumber(text: string): Typed {
  const trimmed = text
    .replace(/[\s\u00a0\u202f]+/g, ' ')
    .trim()
    .toLowerCase()
  if (unknown.has(trimmed)) return null
  const word = words.get(trimmed)
  if (word !== undefined) return word
  const bare = trimmed
    .replace(/ ?%$/, '')
    .replace(/−/g, '-')
    .replace(/(\d) (?=\d{3}(?:\D|$))/g, '$1')
  const commas = bare.split(',').length - 1
  const thousands = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/
  const number =
    commas === 1 && !bare.includes('.')
      ? bare.replace(',', '.')
      : thousands.test(bare)
        ? bare.replaceAll(',', '')
        : bare
  if (!plain.test(number)) return undefined
  const value = Number(number)
  return Number.isFinite(Math.fround(value)) ? value : undefined
}

/** A stored number (float32) as a person typed it: no more digits than it has. NaN is the empty text. */
export function writeNumber(value: number): string {
  if (Number.isNaN(value)) return ''
  for (let digits = 1; digits <= 9; digits++) {
    const text = Number(value.toPrecision(digits))
    if (Math.fround(text) === Math.fround(value)) return String(text)
  }
  return String(value)
}
