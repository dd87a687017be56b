import { parse, type Options } from 'csv-parse/sync'
import { AppError } from '../../../contract/index.ts'
import { withFile } from './byte-reader.ts'
import { impossibleSize, unsupportedFile } from './failures.ts'

/** A table of attributes is small; a larger file is something else. */
export const largestTable = 64 * 2 ** 20

/** The rows of a comma-separated table (RFC 4180, UTF-8 with or without a mark), all of the same width. */
export async function readCsv(file: { path: string; name: string }, signal: AbortSignal): Promise<string[][]> {
  const text = await readSmall(file, signal)
  if (text.includes(0)) throw unsupportedFile(file.name, 'is not a text file', 'Save the table as CSV in UTF-8.')
  return parseRows(file.name, text)
}

/** The whole file, unless it is larger than any table. */
export function readSmall(file: { path: string; name: string }, signal: AbortSignal): Promise<Buffer> {
  return withFile(file, async ({ handle, bytes }) => {
    if (bytes > largestTable) throw impossibleSize(file.name, 'is far too large for a table of attributes')
    return handle.readFile({ signal })
  })
}

/** The text is in memory, so that a stream would only take twice as long. */
export function parseRows(name: string, text: Buffer | string, options: Options = {}): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true, max_record_size: 2 ** 22, ...options })
  } catch (thrown) {
    if (thrown instanceof AppError) throw thrown
    const reason = thrown instanceof Error ? thrown.message : 'unknown'
    throw new AppError('dataset/damaged-file', `“${name}” cannot be read as a table (${reason}).`, {
      next: 'Look there: each quotation mark that opens must close, one within a text is written twice, and every row has as many cells as the first.',
      details: { file: name },
      cause: thrown,
    })
  }
}

/** A line of a table; values that need it are quoted. */
export function csvLine(values: readonly string[]): string {
  return (
    values.map((value) => (/[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(',') +
    '\n'
  )
}

/** A spreadsheet takes a cell that begins so for a formula. One that begins with apostrophes gets another, so that it can be undone. */
export const harmlessCell = (text: string): string => (/^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text)
