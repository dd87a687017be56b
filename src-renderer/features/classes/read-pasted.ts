import type { DescribedAttribute } from '../../../src-main/contract/index.ts'
import { readTable } from '../../ui/delimited.ts'
import { searchable } from '../../ui/format.ts'
import { readNumber, writeNumber } from '../../ui/numbers.ts'

/** Rows of attributes as somebody pasted them, understood. */
export interface PastedClasses {
  /** In the layout that the backend imports; null where nothing can be. */
  readonly table: string | null
  readonly classes: readonly { readonly name: string; readonly known: number }[]
  /** Lines that have neither as many values as there are attributes nor one more for a name. */
  readonly wrongLines: readonly { readonly line: number; readonly values: number }[]
  /** Names of the head that are no attributes of this model. */
  readonly unknownAttributes: readonly string[]
  /** Cells that are no numbers. */
  readonly refused: readonly string[]
  /** Values beyond all that the classes of the run have. */
  readonly outside: number
}

const separatorOf = (text: string): string =>
  text.includes('\t') ? '\t' : text.split('\n', 1)[0].includes(';') ? ';' : ','
/** What the table says in place of a tab or a line inside a name. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/**
 * Lines of a name and as many values as there are attributes, or of values alone; or, below a head of attribute names,
 * of whatever attributes it names.
 */
export function readPasted(
  text: string,
  attributes: readonly DescribedAttribute[],
  nameOf: (line: number) => string,
): PastedClasses {
  const table = readTable(text, separatorOf(text)).filter((row) => row.some((cell) => cell.trim() !== ''))
  const places = new Map<string, number>()
  attributes.forEach(({ name }, at) => places.set(searchable(name), at))
  const first = table.at(0) ?? []
  const known = first.filter((cell) => places.has(searchable(cell))).length
  const isHead =
    table.length > 1 && (known * 2 >= first.length - 1 || first.every((cell) => readNumber(cell) === undefined))
  const isNamed = isHead && !places.has(searchable(first[0]))
  const columns = isHead ? first.slice(isNamed ? 1 : 0).map((cell) => places.get(searchable(cell)) ?? null) : null

  const lines: string[] = []
  const classes: { name: string; known: number }[] = []
  const wrongLines: { line: number; values: number }[] = []
  const refused: string[] = []
  let outside = 0
  table.forEach((row, at) => {
    if (isHead && at === 0) return
    const width = columns?.length ?? attributes.length
    // A word in front is a name, also where a value is missing behind it: shifted by one, all values would be wrong.
    const named = columns ? isNamed : row.length === attributes.length + 1 || readNumber(row[0]) === undefined
    const cells = row.slice(named ? 1 : 0)
    if (cells.length !== width && !(columns && cells.length < width)) {
      wrongLines.push({ line: at + 1, values: cells.length })
      return
    }
    const values = new Array<number>(attributes.length).fill(NaN)
    cells.forEach((cell, column) => {
      const attribute = columns ? columns[column] : column
      if (attribute === null) return
      const value = readNumber(cell)
      if (value === undefined) refused.push(oneLine(cell))
      else if (value !== null) values[attribute] = value
    })
    values.forEach((value, attribute) => {
      const { low, high } = attributes[attribute]
      if (Math.fround(value) < Math.fround(low) || Math.fround(value) > Math.fround(high)) outside++
    })
    const name = (named ? oneLine(row[0]) : '') || nameOf(classes.length + 1)
    classes.push({ name, known: values.filter((value) => !Number.isNaN(value)).length })
    lines.push([quoted(name), ...values.map(writeNumber)].join('\t'))
  })
  const head = ['name', ...attributes.map(({ name }) => quoted(oneLine(name)))].join('\t')
  return {
    table: lines.length > 0 ? `${[head, ...lines].join('\n')}\n` : null,
    classes,
    wrongLines,
    unknownAttributes: columns
      ? first.slice(isNamed ? 1 : 0).filter((cell, at) => columns[at] === null && cell.trim() !== '')
      : [],
    refused,
    outside,
  }
}

const quoted = (cell: string): string => (/["\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
