import { parseRows, readSmall } from './csv.ts'
import { decodeText } from './text.ts'
import { readXlsx } from './xlsx.ts'

const delimiters = ['\t', ';', ','] as const

/**
 * The rows of a table as a spreadsheet saves it: .xlsx, or text with commas, semicolons or tabs in any encoding that is
 * usual. Rows may be of different widths; a decimal comma becomes a point.
 */
export async function readTable(file: { path: string; name: string }, signal: AbortSignal): Promise<string[][]> {
  if (file.name.toLowerCase().endsWith('.xlsx')) return readXlsx(file, signal)
  return tableOfText(file.name, decodeText(file.name, await readSmall(file, signal)))
}

/** The same of text that is there already, e.g. pasted. @param name what a person knows it by. */
export function tableOfText(name: string, text: string): string[][] {
  const delimiter = delimiterOf(text)
  const rows = parseRows(name, text, { delimiter, relax_column_count: true, relax_quotes: delimiter === '\t' })
  if (delimiter !== ',') {
    for (const row of rows)
      row.forEach((cell, c) => (row[c] = /^\s*-?\d+,\d+\s*$/.test(cell) ? cell.replace(',', '.') : cell))
  }
  return rows
}

/** The one that parts the first line most often; names may hold the others. */
function delimiterOf(text: string): (typeof delimiters)[number] {
  const line = (/[^\r\n]+/.exec(text)?.[0] ?? '').replaceAll(/"[^"]*"/g, '')
  const counts = delimiters.map((delimiter) => line.split(delimiter).length)
  return delimiters[counts.indexOf(Math.max(...counts))]
}
