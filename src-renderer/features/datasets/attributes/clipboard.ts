import type { Matrix } from '../../../../src-main/contract/index.ts'
import { searchable } from '../../../ui/format.ts'
import { readNumber, writeNumber } from '../../../ui/numbers.ts'
import { cellsOf, valueAt, type Area, type Cell, type CellEdit } from './sheet.ts'

/** An area as a spreadsheet takes it. */
export function writeTable(matrix: Matrix, area: Area): string {
  const lines = new Map<number, string[]>()
  for (const cell of cellsOf(area)) {
    const line = lines.get(cell.row) ?? []
    line.push(writeNumber(valueAt(matrix, cell)))
    lines.set(cell.row, line)
  }
  return [...lines.values()].map((line) => line.join('\t')).join('\n')
}

export interface Pasted {
  readonly edits: readonly CellEdit[]
  /** Whether its first row names attributes, and its first column classes; then it goes there, not where the cursor is. */
  readonly byAttribute: boolean
  readonly byClass: boolean
  /** Names of its head that are no attributes here, and of its first column that are no classes. */
  readonly unknownAttributes: readonly string[]
  readonly unknownClasses: readonly string[]
  /** Cells that are no numbers; a few of them. */
  readonly refused: readonly string[]
  readonly refusedCount: number
  /** Cells beyond the last row or column. */
  readonly outside: number
}

const index = (names: readonly string[]): Map<string, number> =>
  new Map(names.map((name, at) => [searchable(name), at]))

/** Whether texts are names rather than values: most of them are known, or none of them is a number. */
function areNames(texts: readonly string[], known: ReadonlyMap<string, number>): boolean {
  const filled = texts.filter((text) => text.trim() !== '')
  if (filled.length === 0) return false
  const matching = filled.filter((text) => known.has(searchable(text))).length
  return matching * 2 >= filled.length || filled.every((text) => typeof readNumber(text) === 'undefined')
}

/** Where the cells of a pasted table go: by the names in its first row and column where it has those, else from `at` on. */
export function placeTable(
  table: readonly (readonly string[])[],
  classes: readonly string[],
  attributes: readonly string[],
  at: Cell,
): Pasted {
  const [classIndex, attributeIndex] = [index(classes), index(attributes)]
  const first = table.at(0) ?? []
  // A corner stands above names of classes; it says nothing about what is under it.
  const byAttribute = areNames(first.slice(first.length > 1 ? 1 : 0), attributeIndex)
  const body = byAttribute ? table.slice(1) : table
  const byClass = areNames(
    body.map((row) => row.at(0) ?? ''),
    classIndex,
  )
  const skip = byClass ? 1 : 0
  const unknownAttributes = byAttribute
    ? first.slice(skip).filter((name) => name.trim() !== '' && !attributeIndex.has(searchable(name)))
    : []
  const unknownClasses: string[] = []
  const edits: CellEdit[] = []
  const refused: string[] = []
  let outside = 0

  body.forEach((row, down) => {
    const name = row.at(0) ?? ''
    const target = byClass ? classIndex.get(searchable(name)) : at.row + down
    if (target === undefined) {
      if (name.trim() !== '') unknownClasses.push(name)
      return
    }
    row.slice(skip).forEach((text, across) => {
      const column = byAttribute ? attributeIndex.get(searchable(first[across + skip] ?? '')) : at.column + across
      if (column === undefined) return
      if (target >= classes.length || column >= attributes.length) {
        outside++
        return
      }
      const value = readNumber(text)
      if (value === undefined) refused.push(text)
      else edits.push({ class: target, attribute: column, value })
    })
  })
  return {
    edits,
    byAttribute,
    byClass,
    unknownAttributes: unknownAttributes.map((name) => name.trim()),
    unknownClasses: unknownClasses.map((name) => name.trim()),
    refused: refused.slice(0, 5),
    refusedCount: refused.length,
    outside,
  }
}
