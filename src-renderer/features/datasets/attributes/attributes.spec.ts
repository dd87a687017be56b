import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTable } from '../../../ui/delimited.ts'
import { readNumber, writeNumber } from '../../../ui/numbers.ts'
import { placeTable, writeTable } from './clipboard.ts'
import { areaOf, changing, fill, moveTo, setAll, valueAt, withEdits } from './sheet.ts'

const classes = ['grizzly+bear', '002.Blue_Whale', 'zebra']
const attributes = ['stripes', 'has_tail', 'size']
const matrix = { rows: 3, columns: 3, values: Float32Array.of(1, 2, NaN, 4, 5, 6, 7, 8, 9) }

describe('numbers as people write them', () => {
  it.each([
    ['1.5', 1.5],
    ['1,5', 1.5],
    ['0,125', 0.125],
    ['1,234.5', 1234.5],
    ['1,234,567', 1234567],
    ['12 345', 12345],
    ['−3', -3],
    [' 50 % ', 50],
    ['1e-3', 0.001],
    ['yes', 1],
    ['No', 0],
    ['', null],
    ['?', null],
    ['n/a', null],
    ['large', undefined],
    ['1,2,3', undefined],
    ['1e99', undefined],
    ['Infinity', undefined],
  ])('%s', (text, value) => expect(readNumber(text)).toBe(value))

  it('writes a stored number so that it reads back as it was', () => {
    expect(writeNumber(Math.fround(0.1))).toBe('0.1')
    expect(writeNumber(NaN)).toBe('')
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(readNumber(writeNumber(value))!) + 0).toBe(value + 0)
      }),
    )
  })
})

describe('areas of the sheet', () => {
  it('fills down and right from the first row or column, unknown values too', () => {
    const all = areaOf({ row: 2, column: 2 }, { row: 0, column: 0 })
    const down = withEdits(matrix, fill(matrix, all, 'down'))
    expect([...down.values]).toEqual([1, 2, NaN, 1, 2, NaN, 1, 2, NaN])
    expect([...withEdits(matrix, fill(matrix, all, 'right')).values]).toEqual([1, 1, 1, 4, 4, 4, 7, 7, 7])
  })

  it('sends only what changes', () => {
    const column = areaOf({ row: 0, column: 2 }, { row: 1, column: 2 })
    expect(changing(matrix, setAll(column, null))).toEqual([{ class: 1, attribute: 2, value: null }])
    expect(changing(matrix, setAll(column, 6))).toEqual([{ class: 0, attribute: 2, value: 6 }])
  })

  it('never leaves the sheet by keys', () => {
    const keys = fc.constantFrom(
      ...['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home', 'End'],
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.boolean())), (pressed) => {
        let cell = { row: 0, column: 0 }
        for (const [key, ctrlKey] of pressed) cell = moveTo(matrix, cell, { key, ctrlKey, metaKey: false }, 2)!
        expect(valueAt(matrix, cell)).toBeDefined()
      }),
    )
    expect(moveTo(matrix, { row: 0, column: 0 }, { key: 'F1', ctrlKey: false, metaKey: false }, 2)).toBeNull()
  })
})

describe('the clipboard of a spreadsheet', () => {
  it('reads quoted cells, ends of lines of every kind, and writes what it reads', () => {
    expect(readTable('a\t"b\t""c"""\r\n1\t2\r\n')).toEqual([
      ['a', 'b\t"c"'],
      ['1', '2'],
    ])
    expect(readTable(writeTable(matrix, areaOf({ row: 0, column: 1 }, { row: 1, column: 2 })))).toEqual([
      ['2', ''],
      ['5', '6'],
    ])
  })

  it('goes from the cursor on where it is bare numbers, and says what lies outside', () => {
    const pasted = placeTable(readTable('1\t2\n3\t4'), classes, attributes, { row: 2, column: 1 })
    expect(pasted.edits).toEqual([
      { class: 2, attribute: 1, value: 1 },
      { class: 2, attribute: 2, value: 2 },
    ])
    expect(pasted.outside).toBe(2)
  })

  it('goes by names where it has those, however they are written, and lists those that are not here', () => {
    const text = 'Animal\tHas tail\tweight\tStripes\nZebra\t1\t300\t1\ngrizzly bear\t?\t400\tnone at all\nyeti\t1\t1\t1'
    const pasted = placeTable(readTable(text), classes, attributes, { row: 0, column: 0 })
    expect(pasted).toMatchObject({
      byAttribute: true,
      byClass: true,
      unknownAttributes: ['weight'],
      unknownClasses: ['yeti'],
      refused: ['none at all'],
      refusedCount: 1,
      outside: 0,
    })
    expect(pasted.edits).toEqual([
      { class: 2, attribute: 1, value: 1 },
      { class: 2, attribute: 0, value: 1 },
      { class: 0, attribute: 1, value: null },
    ])
  })

  it('finds a head alone, and a first column of names alone', () => {
    const head = placeTable(readTable('size\tstripes\n1\t2'), classes, attributes, { row: 1, column: 0 })
    expect(head.edits).toEqual([
      { class: 1, attribute: 2, value: 1 },
      { class: 1, attribute: 0, value: 2 },
    ])
    const names = placeTable(readTable('zebra\t5\nblue whale\t6\n002 Blue Whale\t7'), classes, attributes, {
      row: 0,
      column: 1,
    })
    expect(names.edits).toEqual([
      { class: 2, attribute: 1, value: 5 },
      { class: 1, attribute: 1, value: 7 },
    ])
    expect(names.unknownClasses).toEqual(['blue whale'])
  })
})
