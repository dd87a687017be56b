import { parseRows, readSmall } from './csv.ts'
import { unsupportedFile } from './failures.ts'
import { decodeText } from './text.ts'
import { readXlsx } from './xlsx.ts'

const delimiters = ['\t', ';', ','] as const

/**
 * The rows of a table as a spreadsheet saves it: .xlsx, or text with commas, semicolons or tabs in any encoding that is
 * usual. Rows may be of different widths; a decimal comma becomes a point.
 */
export async function readTable(file: { path: string; name: string }, signal: AbortSignal): Promise<string[][]> {
  if (/\.(?:xls|ods)$/i.test(file.name)) {
    throw unsupportedFile(file.name, 'is a spreadsheet of a kind that is not read', 'Save it as .xlsx or .csv.')
  }
  if (/\.xls[xm]$/i.test(file.name)) return withPoints(await readXlsx(file, signal), false)
  return tableOfText(file.name, decodeText(file.name, await readSmall(file, signal)))
}

/** The same of text that is there already, e.g. pasted. @param name what a person knows it by. */
export function tableOfText(name: string, text: string): string[][] {
  // Excel writes and obeys such a line.
  const said = /^\ufeff?sep=(.)\r?\n/i.exec(text)
  const delimiter = said?.[1] ?? delimiterOf(text)
  const rows = parseRows(name, said === null ? text : text.slice(said[0].length), {
    ...{ delimiter, relax_column_count: true, relax_quotes: delimiter === '\t' },
  })
  return withPoints(rows, delimiter !== ',')
}

/** The one that parts the first line with any most often; names may hold the others. */
function delimiterOf(text: string): (typeof delimiters)[number] {
  const bare = text.slice(0, 2 ** 20).replaceAll(/"[^"]*"/g, '')
  const line = /^.*[\t;,].*$/m.exec(bare)?.[0] ?? ','
  const counts = delimiters.map((delimiter) => line.split(delimiter).length)
  return delimiters[counts.indexOf(Math.max(...counts))]
}

const decimalComma = /^([-+−]?)(\d{1,3}(?:\.\d{3})+|\d+),(\d+)((?:e[-+]?\d+)?\s*%?)$/i
const dottedThousands = /^[-+−]?[1-9]\d{0,2}(?:\.\d{3})+$/

/**
 * Numbers with a decimal comma (`0,5`, `1.234,5`, `12,5 %`) get a point.
 * @param sure a comma can only be a decimal one. Else `1,234` stays as it is: it may be more than a thousand. Where one
 * is, a point parts thousands.
 */
function withPoints(rows: string[][], sure: boolean): string[][] {
  const pointed = rows.map((row) =>
    row.map((cell) => {
      const match = decimalComma.exec(cell.trim())
      if (match === null) return cell
      const [, sign, whole, part, rest] = match
      if (!sure && part.length === 3 && !whole.includes('.')) return cell
      return `${sign}${whole.replaceAll('.', '')}.${part}${rest}`
    }),
  )
  const changed = pointed.some((row, r) => row.some((cell, c) => cell !== rows[r][c]))
  if (!changed || !sure) return pointed
  // What was pointed just now came with a comma.
  return pointed.map((row, r) =>
    row.map((cell, c) => (dottedThousands.test(rows[r][c].trim()) ? cell.replaceAll('.', '') : cell)),
  )
}
