import { crc32 } from 'node:zlib'
import { AppError } from '../../../contract/index.ts'
import { largestTable, readSmall } from './csv.ts'
import { damagedFile, impossibleSize } from './failures.ts'
import { readZip } from './zip.ts'

/** Cells between the first and the last: the library makes room for those that are empty, too. */
const mostCells = 4_000_000
const parts =
  /^(?:\[Content_Types\]|xl\/(?:workbook|sharedStrings|styles|worksheets\/[^/]+))\.xml$|^xl\/_rels\/workbook\.xml\.rels$/i

/**
 * The rows of a spreadsheet's first sheet, or of the one called “attributes”, as text; true and false are 1 and 0.
 * The library trusts what an archive says of itself, so it gets a copy with those parts alone that passed our checks.
 */
export async function readXlsx(file: { path: string; name: string }, signal: AbortSignal): Promise<string[][]> {
  await readSmall(file, signal)
  const entries = await readZip(file, (name) => parts.test(name), largestTable, signal)
  for (const { name, data } of entries) if (name.startsWith('xl/worksheets/')) requireCells(file.name, data)
  // Large, and few processes that read tables meet a spreadsheet.
  const { default: readExcel } = await import('read-excel-file/node')
  let sheets: { sheet: string; data: unknown[][] }[]
  try {
    sheets = await readExcel(storedZip(entries))
  } catch (thrown) {
    signal.throwIfAborted()
    throw damagedFile(file.name, 'it cannot be read as a spreadsheet', thrown)
  }
  const sheet = sheets.find((one) => one.sheet.trim().toLowerCase() === 'attributes') ?? sheets.at(0)
  return (sheet?.data ?? []).map((row) => row.map((cell) => textOf(file.name, cell)))
}

function textOf(file: string, cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'boolean') return cell ? '1' : '0'
  if (typeof cell === 'string' || typeof cell === 'number') return String(cell)
  throw new AppError('dataset/attribute-not-a-number', `“${file}” has a date where a number is expected.`, {
    next: 'Give its cells the format “number” or “text”.',
  })
}

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
    throw impossibleSize(file, `has cells in row ${rows}, column ${columns}, and room between that no table needs`)
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
