import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { among, clickPlace, nothingSelected, pressKey, type GridSelection } from './grid-selection.ts'

const items = Array.from({ length: 10 }, (_, at) => 100 + at)
const shape = { items, columns: 4, page: 2 }
const key = (name: string, held: Partial<Record<'shiftKey' | 'ctrlKey' | 'metaKey', boolean>> = {}) => ({
  key: name,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  ...held,
})
const press = (state: GridSelection, ...names: string[]): GridSelection =>
  names.reduce((now, name) => pressKey(now, shape, key(name)) ?? now, state)

describe('selecting in a grid', () => {
  it('moves by arrows without selecting, and stays where there is nothing further', () => {
    expect(press(nothingSelected, 'ArrowRight', 'ArrowDown').active).toBe(5)
    expect(press(nothingSelected, 'ArrowUp').active).toBe(0)
    // The row below is shorter: its last one.
    expect(press(nothingSelected, 'End', 'ArrowDown', 'ArrowDown').active).toBe(9)
    expect(press(nothingSelected, 'End', 'ArrowDown', 'ArrowDown', 'ArrowDown').active).toBe(9)
    expect(press(nothingSelected, 'ArrowDown').selected.size).toBe(0)
  })

  it('takes one in and out with Space, stretches with Shift, takes all and none', () => {
    const two = press(nothingSelected, ' ', 'ArrowRight', 'ArrowRight', ' ')
    expect([...two.selected]).toEqual([100, 102])
    const stretched = pressKey(two, shape, key('ArrowDown', { shiftKey: true }))!
    expect([...stretched.selected]).toEqual([102, 103, 104, 105, 106])
    expect(pressKey(two, shape, key('a', { metaKey: true }))!.selected.size).toBe(10)
    expect(pressKey(two, shape, key('Escape'))!.selected.size).toBe(0)
    expect(pressKey(nothingSelected, shape, key('Escape'))).toBeNull()
    expect(pressKey(two, shape, key('c', { ctrlKey: true }))).toBeNull()
  })

  it('selects by clicks as file managers do', () => {
    const one = clickPlace(nothingSelected, items, 2, key(''))
    const range = clickPlace(one, items, 4, key('', { shiftKey: true }))
    expect([...range.selected]).toEqual([102, 103, 104])
    expect([...clickPlace(range, items, 3, key('', { ctrlKey: true })).selected]).toEqual([102, 104])
    expect([...clickPlace(range, items, 9, key('')).selected]).toEqual([109])
  })

  it('forgets what is not shown any more', () => {
    const all = pressKey(press(nothingSelected, 'End', 'PageDown'), shape, key('a', { ctrlKey: true }))!
    expect(among(all, [104, 7])).toEqual({ selected: new Set([104]), active: 1, anchor: 1 })
  })

  it('never leaves the grid, whatever is pressed', () => {
    const keys = fc.constantFrom(
      ...['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End', ' '],
    )
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.tuple(keys, fc.boolean())),
        (count, columns, pressed) => {
          const grid = { items: Array.from({ length: count }, (_, at) => at), columns, page: 3 }
          let state = nothingSelected
          for (const [name, shiftKey] of pressed) state = pressKey(state, grid, key(name, { shiftKey })) ?? state
          expect(state.active >= 0 && state.active < count).toBe(true)
          expect([...state.selected].every((item) => item < count)).toBe(true)
        },
      ),
    )
  })
})
