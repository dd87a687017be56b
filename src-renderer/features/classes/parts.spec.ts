import { describe, expect, it } from 'vitest'
import { classBook, classGuide, userClass } from '../../testing/fake-classes.ts'
import { attributeLabel, groupAttributes, prefixOf } from './attribute-groups.ts'
import { attributeLines, findAttributes } from './attribute-list.ts'
import { percentages, withAnchor, withShare } from './blend.ts'
import { egoTwins } from './ego-layout.ts'
import { freeName, mixture, newClassId } from './new-class.ts'
import { curvePoints } from './photo-curve.ts'
import { readPasted } from './read-pasted.ts'
import { sameCast } from './same-cast.ts'
import { isOutside, placeOf, settle, stepOf } from './slider.ts'
import { countChanges, rankTray } from './tray-order.ts'

const plain = (...names: string[]) => names.map((name) => ({ name, group: null }))

describe('groups of attributes', () => {
  it('come from the prefix of the names', () => {
    expect(prefixOf('has_bill_shape::curved_(up_or_down)')).toEqual({
      group: 'bill shape',
      rest: 'curved (up or down)',
    })
    expect(prefixOf('long_tail')).toBeNull()
    expect(prefixOf('::odd')).toBeNull()
    expect(attributeLabel('has_size::very_large')).toBe('very large')
    const names = plain('has_a::x', 'b', 'has_a::y', 'has_a::z', 'has_c::p', 'has_c::q')
    expect(groupAttributes(names, 'Attributes')).toEqual([
      { name: 'a', attributes: [0, 2, 3] },
      { name: 'Attributes', attributes: [1, 4, 5] },
    ])
  })

  it('of the person come first, however small', () => {
    const names = [{ name: 'has_a::x', group: 'Mine' }, ...plain('b', 'c')]
    expect(groupAttributes(names, 'Attributes').map(({ name }) => name)).toEqual(['Mine', 'Attributes'])
  })

  it('open while something is looked for, and only where it is', () => {
    const names = ['has_bill_shape::curved', 'has_bill_shape::long', 'spots']
    const groups = [
      { name: 'bill shape', attributes: [0, 1] },
      { name: 'Attributes', attributes: [2] },
    ]
    const want = (text: string, filter: 'all' | 'unknown' | 'changed' = 'all') =>
      findAttributes(names, groups, { text, filter, values: [1, NaN, 3], before: [1, NaN, 2] })
    expect(want('')).toBeNull()
    expect([...want('BILL')!]).toEqual([0, 1])
    expect([...want('long')!]).toEqual([1])
    expect([...want('', 'unknown')!]).toEqual([1])
    expect([...want('', 'changed')!]).toEqual([2])
    const closed = new Set(['bill shape'])
    expect(attributeLines(groups, closed, null).map(({ kind }) => kind)).toEqual(['head', 'head', 'attribute'])
    expect(attributeLines(groups, closed, new Set([1]))).toEqual([
      { kind: 'head', group: groups[0], open: true },
      { kind: 'attribute', at: 1 },
    ])
  })
})

describe('a slider', () => {
  it('moves in steps that people count in, and reaches its ends exactly', () => {
    expect(stepOf({ low: 0, high: 100 })).toBe(1)
    expect(stepOf({ low: 0, high: 1 })).toBe(0.01)
    expect(stepOf({ low: 0, high: 87.5 })).toBe(0.5)
    expect(stepOf({ low: 3, high: 3 })).toBe(1)
    expect(settle(42.4, { low: 0, high: 87.3 })).toBe(42.5)
    expect(settle(87.2, { low: 0, high: 87.3 })).toBe(87.3)
    expect(settle(0.1 + 0.2, { low: 0, high: 1 })).toBe(0.3)
    expect(placeOf(150, { low: 0, high: 100 })).toBe(1)
    expect(placeOf(5, { low: 5, high: 5 })).toBe(0.5)
  })

  it('knows what training did not see, but for the last bit', () => {
    const seen = { seenLow: 0, seenHigh: Math.fround(0.9) }
    expect(isOutside(0.9, seen)).toBe(false)
    expect(isOutside(0.91, seen)).toBe(true)
    expect(isOutside(-1, seen)).toBe(true)
  })
})

describe('a new class', () => {
  it('is the mean of what is known', () => {
    const parts = [
      { values: [10, NaN, NaN], weight: 1 },
      { values: [20, 8, NaN], weight: 3 },
    ]
    expect([...mixture(parts, 3)]).toEqual([17.5, 8, NaN])
  })

  it('has a name and an id of its own', () => {
    expect(freeName('Owl', ['Owl', 'Owl (2)'])).toBe('Owl (3)')
    expect(newClassId()).toMatch(/^class-[a-z0-9]{10}$/)
  })
})

describe('pasted rows', () => {
  const { attributes } = classGuide()
  const read = (text: string) => readPasted(text, attributes, (line) => `Pasted ${line}`)

  it('have names or not, a head or not', () => {
    expect(read('1,2,3,4,5,1').classes).toEqual([{ name: 'Pasted 1', known: 6 }])
    expect(read('Owl;1,5;2;3;4;;1\n').table!.split('\n')[1]).toBe('Owl\t1.5\t2\t3\t4\t\t1')
    const headed = read('name\tBig\tspots\thas_bill_shape::long\ncolour\t1\t2\t3')
    expect(headed.classes).toEqual([{ name: 'colour', known: 3 }])
    expect(headed.table!.split('\n')[1]).toBe('colour\t\t\t3\t2\t1\t')
    expect(read('big,spots,weight\n1,2,3')).toMatchObject({
      classes: [{ name: 'Pasted 1', known: 2 }],
      unknownAttributes: ['weight'],
    })
  })

  it('of another length are left out and told', () => {
    expect(read('Owl\t1\t2')).toMatchObject({ table: null, wrongLines: [{ line: 1, values: 2 }] })
    expect(read('1\t2\t3\t4\t5\t6\t7\t8').wrongLines).toEqual([{ line: 1, values: 8 }])
    expect(read('A\t1\t2\t3\t4\t5\t1\nB\t1').classes).toHaveLength(1)
  })

  it('may hold words, and values beyond the scale', () => {
    const odd = read('Owl\tlots\t2\t3\t400\t5\tyes')
    expect(odd).toMatchObject({ refused: ['lots'], outside: 1, classes: [{ name: 'Owl', known: 5 }] })
  })

  it('keep names with markup, quotes and foreign letters', () => {
    const names = ['<b>Owl</b>', 'say ""hi""', 'קרנף', '🦏']
    const table = read(names.map((name) => `"${name}"\t1\t2\t3\t4\t5\t1`).join('\n')).table!
    const classes = read(table).classes.map(({ name }) => name)
    expect(classes).toEqual(['<b>Owl</b>', 'say "hi"', 'קרנף', '🦏'])
  })
})

describe('the tray', () => {
  it('is ranked by the class, and tells what changes', () => {
    const tray = { id: 't', pictures: false, photos: [0, 1, 2].map((photo) => ({ photo, name: `${photo}` })) }
    const classes = ['A', 'B', 'Mine'].map((name) => ({ name, role: 'seen' as const }))
    const rows = rankTray(tray, {
      classes,
      tray: {
        scores: Float32Array.of(1, 3, 1),
        probabilities: Float32Array.of(0.1, 0.9, 0.1),
        labels: Int32Array.of(0, 2, 1),
        labelsWithout: Int32Array.of(0, 0, 0),
      },
    })
    expect(rows.map(({ at, change }) => [at, change])).toEqual([
      [1, 'joins'],
      [0, null],
      [2, 'moves'],
    ])
    expect(countChanges(rows)).toEqual({ joins: 1, moves: 1 })
  })
})

describe('the company of a class', () => {
  const other = userClass({ id: 'other' })
  const book = classBook({ yours: [userClass(), other] })
  it('is the same while the class itself is described, and another once anything beside it changes', () => {
    const described = { ...book, yours: [userClass({ attributes: Float32Array.of(1, 2, 3, 4, 5, 0) }), other] }
    expect(sameCast(book, described, 'mine')).toBe(true)
    expect(sameCast(book, described, 'other')).toBe(false)
    expect(sameCast(book, { ...book, off: ['Puffin'] }, 'mine')).toBe(false)
    expect(sameCast(book, { ...book, yours: [userClass(), { ...other, on: false }] }, 'mine')).toBe(false)
    const photos = [{ id: 'p', name: 'p.jpg' }]
    expect(sameCast(book, { ...book, yours: [userClass({ photos }), other] }, 'mine')).toBe(false)
  })
})

describe('a blend of anchors', () => {
  const two = [
    { class: 'A', weight: 3 },
    { class: 'B', weight: 1 },
  ]
  it('keeps the proportions of the others when one is moved', () => {
    expect(percentages(two)).toEqual([75, 25])
    expect(percentages(withShare([...two, { class: 'C', weight: 4 }], 'C', 20))).toEqual([60, 20, 20])
    expect(withShare([two[0]], 'A', 10)).toEqual([{ class: 'A', weight: 100 }])
    expect(percentages(withShare(two, 'A', 100))).toEqual([99, 1])
  })
  it('takes each class once', () => {
    expect(withAnchor(two, 'A')).toBe(two)
    expect(percentages(withAnchor(two, 'C'))).toEqual([50, 17, 33])
  })
})

describe('pictures', () => {
  it('of both neighbourhoods give a class the same direction, and the strongest the nearest place', () => {
    const one = (at: number, attention: number) => ({ class: at, cosine: 0.5, attention })
    const { semantic, visual } = egoTwins({
      semantic: { neighbours: [one(4, 0.5), one(2, 0.1)], self: 0.4 },
      visual: { neighbours: [one(2, 0.3)], self: 0.7 },
    })
    const angle = ({ x, y }: { x: number; y: number }) => Math.atan2(y, x)
    expect(angle(semantic[1])).toBeCloseTo(angle(visual[0]))
    expect(Math.hypot(semantic[0].x, semantic[0].y)).toBeLessThan(Math.hypot(semantic[1].x, semantic[1].y))
    expect(egoTwins({ semantic: { neighbours: [], self: 1 }, visual: { neighbours: [], self: 1 } }).visual).toEqual([])
  })

  it('of the first photos stay inside', () => {
    const curve = [
      { photos: 0, mean: 40, deviation: 10 },
      { photos: 5, mean: 60, deviation: 0 },
    ]
    const [first, last] = curvePoints(curve, 100, 50)
    expect([first.x, last.x, last.y]).toEqual([25, 75, 0])
    expect(first.bottom).toBe(50)
  })
})
