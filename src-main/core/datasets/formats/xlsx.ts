import { crc32 } from 'node:zlib'
import { AppError, grouped } from '../../../contract/index.ts'
import { largestTable, readSmall } from './csv.ts'
import { damagedFile, impossibleSize, unsupportedFile } from './failures.ts'
import { readZip } from './zip.ts'

/** Cells between the first and the last: the library makes room for those that are empty, too. */
const mostCells = 4_000_000
const parts =
  /^(?:\[Content_Types\]|xl\/(?:workbook|sharedStrings|styles|worksheets\/[^/]+))\.xml$|^xl\/_rels\/workbook\.xml\.rels$/i

/**
 * The rows of a spreadsheet's sheet called “attributes”, else of its first that can be a table, as text; true and false
 * are 1 and 0, and a merged cell's value is that of each of its cells.
 * The library trusts what an archive says of itself, so it gets a copy with those parts alone that passed our checks.
 */
export async function readXlsx(file: { path: string; name: string }, signal: AbortSignal): Promise<string[][]> {
  await readSmall(file, signal)
  const entries = await readZip(file, (name) => parts.test(name), largestTable, signal)
  for (const { name, data } of entries) if (/^xl\/worksheets\//i.test(name)) requireCells(file.name, data)
  // Large, and few processes that read tables meet a spreadsheet.
  const { default: readExcel } = await import('read-excel-file/node')
  let sheets: { sheet: string; data: unknown[][] }[]
  try {
    sheets = await readExcel(storedZip(entries))
  } catch (thrown) {
    signal.throwIfAborted()
    throw damagedFile(file.name, 'it cannot be read as a spreadsheet', thrown)
  }
  const named = sheets.findIndex(({ sheet }) => sheet.trim().toLowerCase() === 'attributes')
  const chosen = named >= 0 ? named : Math.max(0, sheets.findIndex(mayBeTable))
  if (sheets.length === 0) return []
  const xml = sheetXmls(entries).at(chosen) ?? ''
  requireResults(file.name, xml)
  const rows = sheets[chosen].data.map((row, r) => row.map((cell, c) => textOf(file.name, cell, r, c)))
  fillMerged(rows, xml)
  return rows
}

/** Notes are often on a sheet before it. */
const mayBeTable = ({ data }: { data: unknown[][] }): boolean =>
  data.filter((row) => row.filter((cell) => cell !== null).length > 1).length > 1

/** The XML of the sheets, in the workbook's order, which is the library's. */
function sheetXmls(entries: readonly { readonly name: string; readonly data: Buffer }[]): string[] {
  const textOfPart = (name: string): string => entries.find((entry) => entry.name === name)?.data.toString() ?? ''
  const targets = new Map(
    elements(textOfPart('xl/_rels/workbook.xml.rels'), 'Relationship').map((one) => [
      attribute(one, 'Id'),
      attribute(one, 'Target').replace(/^\/?(?:xl\/)?/, 'xl/'),
    ]),
  )
  return elements(textOfPart('xl/workbook.xml'), 'sheet').map((one) =>
    textOfPart(targets.get(attribute(one, String.raw`\w+:id`)) ?? ''),
  )
}

const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(String.raw`<(?:\w+:)?${name}\s[^>]*>`, 'g'))].map(([element]) => element)
const attribute = (element: string, name: string): string =>
  new RegExp(String.raw`\s${name}\s*=\s*["']([^"']*)["']`).exec(element)?.[1] ?? ''

/** What nobody has computed yet, or cannot be, would silently be “not known”. */
function requireResults(file: string, xml: string): void {
  for (const cell of xml.split(/<(?:\w+:)?c(?=\s)/).slice(1)) {
    const type = attribute(cell.slice(0, cell.indexOf('>')), 't')
    // One whose result is a text may well be empty.
    const formula = type !== 'str' && /<(?:\w+:)?f[\s/>]/.test(cell) && !/<(?:\w+:)?v>[^<]/.test(cell)
    if (!formula && type !== 'e') continue
    const what = formula ? 'a formula without its result' : 'an error'
    const next = formula
      ? 'Open it in a spreadsheet program and save it again.'
      : 'Correct that cell, or leave it empty where the value is not known.'
    throw unsupportedFile(file, `has ${what} in ${attribute(cell, 'r')}`, next)
  }
}

/** A range that begins in the first column is a title or the name of a class, and those stand once. */
function fillMerged(rows: string[][], xml: string): void {
  for (const element of elements(xml, 'mergeCell')) {
    const range = /^([A-Z]+)(\d+):([A-Z]+)(\d+)$/.exec(attribute(element, 'ref'))
    if (range === null || range[1] === 'A') continue
    const [, left, top, right, bottom] = range
    const value = rows.at(Number(top) - 1)?.at(columnOf(left) - 1) ?? ''
    for (const row of rows.slice(Number(top) - 1, Number(bottom))) {
      row.fill(value, columnOf(left) - 1, columnOf(right))
    }
  }
}

function textOf(file: string, cell: unknown, row: number, column: number): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'boolean') return cell ? '1' : '0'
  if (typeof cell === 'string' || typeof cell === 'number') return String(cell)
  throw new AppError('dataset/attribute-not-a-number', `“${file}” has a date in ${lettersOf(column)}${row + 1}.`, {
    next: 'Give its cells the format “number” or “text”.',
  })
}

/** Of a column, from 0. */
const lettersOf = (column: number): string =>
  (column > 25 ? lettersOf(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26))

/** `A` is 1, `AA` is 27. */
const columnOf = (letters: string): number =>
  Buffer.from(letters.toUpperCase(), 'latin1').reduce((n, letter) => n * 26 + letter - 64, 0)

/** One cell in the last corner of a sheet would be a table of 17 thousand million. */
function requireCells(file: string, sheet: Buffer): void {
  let rows = 0
  let columns = 0
  for (const [, letters, number] of sheet.toString('latin1').matchAll(/\br\s*=\s*["']([A-Za-z]*)(\d+)["']/g)) {
    rows = Math.max(rows, Number(number))
    columns = Math.max(columns, columnOf(letters))
  }
  if (rows * Math.max(1, columns) > mostCells) {
    throw impossibleSize(
      file,
      `has cells in row ${grouped(rows)}, column ${grouped(columns)}, and room between that no table needs`,
    )
  }
}

/** A zip of what is given, uncompressed. */
function storedZip(entries: readonly { readonly name: string; readonly data: Buffer }[]): Buffer {
  const bodies: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, data } of entries) {
    const nameBytes = Buffer.from(name)
    // Version, flags (UTF-8), method (stored), time, date, checksum, both sizes, name length, extra length.
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(0x800, 2)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(data.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(nameBytes.length, 22)
    bodies.push(Buffer.from('PK\x03\x04', 'latin1'), common, nameBytes, data)
    const place = Buffer.alloc(14)
    place.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, place, nameBytes)
    offset += 30 + nameBytes.length + data.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...bodies, ...directory, end])
}
