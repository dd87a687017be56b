import type { DatasetEdit, Matrix } from '../../../../src-main/contract/index.ts'

export interface Cell {
  readonly row: number
  readonly column: number
}

/** A rectangle of cells, ends included. */
export interface Area {
  readonly top: number
  readonly left: number
  readonly bottom: number
  readonly right: number
}

export type CellEdit = Extract<DatasetEdit, { kind: 'set-attributes' }>['cells'][number]

export const areaOf = (a: Cell, b: Cell): Area => ({
  top: Math.min(a.row, b.row),
  left: Math.min(a.column, b.column),
  bottom: Math.max(a.row, b.row),
  right: Math.max(a.column, b.column),
})

export const within = ({ top, left, bottom, right }: Area, { row, column }: Cell): boolean =>
  row >= top && row <= bottom && column >= left && column <= right

export const sizeOf = ({ top, left, bottom, right }: Area): number => (bottom - top + 1) * (right - left + 1)

export function cellsOf({ top, left, bottom, right }: Area): Cell[] {
  const cells: Cell[] = []
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) cells.push({ row, column })
  return cells
}

export const valueAt = ({ columns, values }: Matrix, { row, column }: Cell): number => values[row * columns + column]

const edit = ({ row, column }: Cell, value: number | null): CellEdit => ({ class: row, attribute: column, value })
const stored = (value: number): number | null => (Number.isNaN(value) ? null : value)

/** Those that change something. */
export const changing = (matrix: Matrix, edits: readonly CellEdit[]): CellEdit[] =>
  edits.filter(
    ({ class: row, attribute: column, value }) =>
      !Object.is(Math.fround(value ?? NaN), valueAt(matrix, { row, column })),
  )

/** Every cell of an area gets the same. */
export const setAll = (area: Area, value: number | null): CellEdit[] => cellsOf(area).map((cell) => edit(cell, value))

/** The first row of an area over its others, or its first column. */
export function fill(matrix: Matrix, area: Area, direction: 'down' | 'right'): CellEdit[] {
  return cellsOf(area).map((cell) => {
    const from = direction === 'down' ? { ...cell, row: area.top } : { ...cell, column: area.left }
    return edit(cell, stored(valueAt(matrix, from)))
  })
}

/** The matrix as it will be. */
export function withEdits(matrix: Matrix, edits: readonly CellEdit[]): Matrix {
  const values = matrix.values.slice()
  for (const { class: row, attribute: column, value } of edits) values[row * matrix.columns + column] = value ?? NaN
  return { ...matrix, values }
}

/** The matrix with so many columns more, of which nothing is known. */
export function withColumns({ rows, columns, values }: Matrix, more: number): Matrix {
  const wider = new Float32Array(rows * (columns + more)).fill(NaN)
  for (let row = 0; row < rows; row++) {
    wider.set(values.subarray(row * columns, (row + 1) * columns), row * (columns + more))
  }
  return { rows, columns: columns + more, values: wider }
}

/** Where a key leads; null for one that leads nowhere. `page`: rows that a page key moves by. */
export function moveTo(
  matrix: Matrix,
  { row, column }: Cell,
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>,
  page: number,
): Cell | null {
  const far = event.ctrlKey || event.metaKey
  const moves: Readonly<Partial<Record<string, readonly [number, number]>>> = {
    ArrowUp: [far ? -row : -1, 0],
    ArrowDown: [far ? matrix.rows : 1, 0],
    ArrowLeft: [0, far ? -column : -1],
    ArrowRight: [0, far ? matrix.columns : 1],
    PageUp: [-page, 0],
    PageDown: [page, 0],
    Home: [far ? -row : 0, -column],
    End: [far ? matrix.rows : 0, matrix.columns],
  }
  const move = moves[event.key]
  if (!move) return null
  const inside = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value))
  return { row: inside(row + move[0], matrix.rows), column: inside(column + move[1], matrix.columns) }
}
