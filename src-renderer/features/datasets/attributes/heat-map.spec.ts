import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cellAt, extent, moveCell } from './heat-map.ts'

const matrix = (rows: number, columns: number) => ({ rows, columns, values: new Float32Array(rows * columns) })

describe('the attribute heat map', () => {
  it('leaves unknown values out of its range', () => {
    expect(extent(Float32Array.of(3, Number.NaN, -1, 7))).toEqual({ low: -1, high: 7 })
    expect(extent(Float32Array.of(Number.NaN))).toEqual({ low: 0, high: 1 })
  })

  it('finds the cell under a point, and none outside', () => {
    expect(cellAt(matrix(10, 20), 199, 99, 200, 100)).toEqual({ row: 9, column: 19 })
    expect(cellAt(matrix(10, 20), 200, 0, 200, 100)).toBeNull()
    expect(cellAt(matrix(10, 20), 0, -1, 200, 100)).toBeNull()
  })

  it('never leaves the matrix by keys', () => {
    const keys = fc.constantFrom('ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End')
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(keys),
        (rows, columns, pressed) => {
          let cell = { row: 0, column: 0 }
          for (const key of pressed) cell = moveCell(matrix(rows, columns), cell, key)!
          expect(cell.row >= 0 && cell.row < rows && cell.column >= 0 && cell.column < columns).toBe(true)
        },
      ),
    )
    expect(moveCell(matrix(3, 3), { row: 0, column: 0 }, 'Tab')).toBeNull()
  })
})
