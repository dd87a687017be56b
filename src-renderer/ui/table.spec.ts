import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextSorting, sortRows, type Column } from './table.ts'
import { visibleSlice } from './virtual.ts'

interface Row {
  readonly name: string
  readonly size: number | null
}
const columns: Column<Row>[] = [
  { key: 'name', label: 'Name', value: ({ name }) => name },
  { key: 'size', label: 'Size', numeric: true, value: ({ size }) => size },
]

describe('sorting a table', () => {
  it('puts what is absent last in both directions', () => {
    const rows = [{ name: 'a', size: null }, { name: 'b', size: 2 }, { name: 'c', size: 10 }] // prettier-ignore
    const names = (descending: boolean) => sortRows(rows, columns, { key: 'size', descending }).map(({ name }) => name)
    expect(names(false)).toEqual(['b', 'c', 'a'])
    expect(names(true)).toEqual(['c', 'b', 'a'])
  })

  it('counts within names, and starts with the largest number', () => {
    const rows = [{ name: 'class 10', size: 1 }, { name: 'class 9', size: 2 }] // prettier-ignore
    expect(sortRows(rows, columns, nextSorting(columns[0], null))[0].name).toBe('class 9')
    expect(sortRows(rows, columns, nextSorting(columns[1], null))[0].size).toBe(2)
  })
})

describe('the visible rows of a long list', () => {
  it('cover the viewport and never leave the list', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.nat(4_000),
        fc.integer({ min: 1, max: 90 }),
        fc.nat(5_000),
        (top, seen, tall, rows) => {
          const { from, to } = visibleSlice(top, seen, tall, rows)
          expect(from).toBeGreaterThanOrEqual(0)
          expect(from).toBeLessThanOrEqual(to)
          expect(to).toBeLessThanOrEqual(rows)
          const inside = (row: number) => row * tall < top + seen && (row + 1) * tall > top && row < rows
          for (const row of [Math.floor(top / tall), Math.floor((top + seen) / tall)])
            if (inside(row)) expect(row >= from && row < to).toBe(true)
        },
      ),
    )
  })
})
