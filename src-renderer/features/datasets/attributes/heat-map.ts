import type { Matrix } from '../../../../src-main/contract/index.ts'

export interface Extent {
  readonly low: number
  readonly high: number
}

/** Smallest and largest known value; 0 and 1 where none is known. */
export function extent(values: Float32Array): Extent {
  let low = Infinity
  let high = -Infinity
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return low <= high ? { low, high } : { low: 0, high: 1 }
}

export interface Cell {
  readonly row: number
  readonly column: number
}

/** The cell under a point of a `width` × `height` picture of the matrix; null outside. */
export function cellAt(matrix: Matrix, x: number, y: number, width: number, height: number): Cell | null {
  const column = Math.floor((x / width) * matrix.columns)
  const row = Math.floor((y / height) * matrix.rows)
  return column >= 0 && column < matrix.columns && row >= 0 && row < matrix.rows ? { row, column } : null
}

/** Where the keys lead from a cell; null for a key that leads nowhere. Page keys move by ten. */
export function moveCell(matrix: Matrix, { row, column }: Cell, key: string): Cell | null {
  const moves: Readonly<Partial<Record<string, readonly [number, number]>>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
    PageUp: [-10, 0],
    PageDown: [10, 0],
    Home: [0, -matrix.columns],
    End: [0, matrix.columns],
  }
  const move = moves[key]
  if (!move) return null
  const inside = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value))
  return { row: inside(row + move[0], matrix.rows), column: inside(column + move[1], matrix.columns) }
}

export type Colour = readonly [number, number, number]

/** Paints the matrix, `low` to `high` from one colour to the other; unknown values are hatched. */
export function paintHeatMap(
  context: CanvasRenderingContext2D,
  matrix: Matrix,
  { low, high }: Extent,
  from: Colour,
  to: Colour,
  hatch: CanvasPattern | null,
): void {
  const { width, height } = context.canvas
  const edge = (at: number, count: number, size: number): number => Math.round((at / count) * size)
  context.clearRect(0, 0, width, height)
  for (let row = 0; row < matrix.rows; row++) {
    const top = edge(row, matrix.rows, height)
    const tall = Math.max(1, edge(row + 1, matrix.rows, height) - top)
    for (let column = 0; column < matrix.columns; column++) {
      const left = edge(column, matrix.columns, width)
      const wide = Math.max(1, edge(column + 1, matrix.columns, width) - left)
      const value = matrix.values[row * matrix.columns + column]
      if (Number.isNaN(value)) context.fillStyle = hatch ?? 'transparent'
      else {
        const share = high > low ? (value - low) / (high - low) : 0
        const mixed = from.map((start, at) => Math.round(start + (to[at] - start) * share))
        context.fillStyle = `rgb(${mixed.join(' ')})`
      }
      context.fillRect(left, top, wide, tall)
    }
  }
}
