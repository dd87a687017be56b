import { writeZip } from './zip-writer.ts'

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** `A`, `B`, … `Z`, `AA`. */
function letters(column: number): string {
  return (column >= 26 ? letters(Math.floor(column / 26) - 1) : '') + String.fromCharCode(65 + (column % 26))
}

/** A sheet's XML; null is an empty cell. */
export function sheetXml(rows: readonly (readonly (string | number | boolean | null)[])[]): string {
  const cell = (value: string | number | boolean | null, place: string): string => {
    if (value === null) return ''
    if (typeof value === 'number') return `<c r="${place}"><v>${value}</v></c>`
    if (typeof value === 'boolean') return `<c r="${place}" t="b"><v>${value ? 1 : 0}</v></c>`
    return `<c r="${place}" t="inlineStr"><is><t>${escaped(value)}</t></is></c>`
  }
  const lines = rows.map(
    (row, r) => `<row r="${r + 1}">${row.map((value, c) => cell(value, `${letters(c)}${r + 1}`)).join('')}</row>`,
  )
  return `${head}<worksheet xmlns="${main}"><sheetData>${lines.join('')}</sheetData></worksheet>`
}

/** Writes a spreadsheet for tests: what Excel does, and (by `sheets` and `folder`) what it never would. */
export function writeXlsx(sheets: Readonly<Record<string, string>>, folder = 'worksheets'): Buffer {
  const names = Object.keys(sheets)
  const list = names.map((name, i) => `<sheet name="${escaped(name)}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`)
  const targets = names.map(
    (_, i) => `<Relationship Id="rId${i + 1}" Type="${relations}/worksheet" Target="${folder}/sheet${i + 1}.xml"/>`,
  )
  const entries: Record<string, string> = {
    '[Content_Types].xml': `${head}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`,
    'xl/workbook.xml': `${head}<workbook xmlns="${main}" xmlns:r="${relations}"><sheets>${list.join('')}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${head}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${targets.join('')}</Relationships>`,
    'xl/styles.xml': `${head}<styleSheet xmlns="${main}"/>`,
    'xl/media/image1.png': 'a picture that nobody asks for',
    ...Object.fromEntries(names.map((name, i) => [`xl/${folder}/sheet${i + 1}.xml`, sheets[name]])),
  }
  return writeZip(Object.entries(entries).map(([name, text]) => ({ name, data: Buffer.from(text) })))
}
