import { describe, expect, it } from 'vitest'
import type { ClassEdit } from '../../contract/index.ts'
import { emptyBook, type BookState } from './book.ts'
import { applyEdits } from './edit-book.ts'
import { smallRun } from './testing/run-classes.ts'

const run = smallRun()
const edit = (state: BookState, ...edits: ClassEdit[]): BookState => applyEdits(state, edits, run)
const add = (id: string, name: string, attributes = new Float32Array(4)): ClassEdit => ({
  ...{ kind: 'add-class', id, name, attributes },
})
const refused = (code: string, ...edits: ClassEdit[]): void => {
  expect(() => edit(two, ...edits)).toThrow(expect.objectContaining({ code }) as Error)
}
const two = edit(emptyBook, add('a', 'leopard'), add('b', 'كلب <b>"'))

describe('edits of a book', () => {
  it('are made in order, and a later one may name what an earlier one added', () => {
    const state = edit(
      two,
      add('c', '  🦓🏽 zèbre '),
      { kind: 'set-attributes', class: 'c', cells: [{ attribute: 3, value: 2.5 }] },
      { kind: 'set-visual', class: 'c', visual: { anchors: [{ class: 'tiger', weight: 2 }], photoWeight: 0.5 } },
      { kind: 'switch', classes: ['a', 'c'], on: false },
      { kind: 'group-attributes', attributes: [0, 2], group: 'coat' },
      { kind: 'group-attributes', attributes: [2], group: null },
    )
    expect(state.classes.map(({ name, on }) => [name, on])).toEqual([
      ['leopard', false],
      ['كلب <b>"', true],
      ['🦓🏽 zèbre', false],
    ])
    expect([...state.classes[2].attributes]).toEqual([0, 0, 0, 2.5])
    expect([...state.groups]).toEqual([['stripes', 'coat']])
    expect(two.classes).toHaveLength(2)
  })

  it('let two classes change places, and nobody take the name of another', () => {
    const swapped = edit(
      two,
      { kind: 'rename-class', class: 'a', name: 'كلب <b>"' },
      { kind: 'rename-class', class: 'b', name: 'leopard' },
    )
    expect(swapped.classes.map(({ name }) => name)).toEqual(['كلب <b>"', 'leopard'])
    refused('classes/name-taken', add('c', 'leopard'))
    refused('classes/name-taken', add('c', 'zebra'))
    refused('classes/name-taken', { kind: 'rename-class', class: 'a', name: 'heron' })
    // é in one character and in two.
    expect(() => edit(edit(two, add('c', 'caf\u00e9')), add('d', 'cafe\u0301'))).toThrow('another class')
  })

  it('give the name of an own unseen class free while it is off', () => {
    const off = edit(two, { kind: 'switch-own', names: ['heron'], on: false }, add('c', 'heron'))
    expect(off).toMatchObject({ off: ['heron'], classes: { length: 3 } })
    expect(() => edit(off, { kind: 'switch-own', names: ['heron'], on: true })).toThrow('an unseen class')
    const own: ClassEdit = { kind: 'switch-own', names: ['heron'], on: true }
    expect(edit(off, { kind: 'remove-classes', classes: ['c'] }, own).off).toEqual([])
  })

  it('are refused where they make no sense', () => {
    refused('classes/wrong-length', add('c', 'c', new Float32Array(3)))
    refused('classes/not-finite', add('c', 'c', Float32Array.of(0, 0, Infinity, 0)))
    refused('classes/id-taken', add('a', 'c'))
    refused('classes/unknown', { kind: 'rename-class', class: 'x', name: 'y' })
    refused('classes/unknown', { kind: 'remove-classes', classes: ['a', 'a'] })
    refused('classes/unknown-attribute', { kind: 'set-attributes', class: 'a', cells: [{ attribute: 4, value: 0 }] })
    refused('classes/not-finite', { kind: 'set-attributes', class: 'a', cells: [{ attribute: 0, value: 1e300 }] })
    refused('classes/not-unseen', { kind: 'switch-own', names: ['tiger'], on: false })
    const anchors = [{ class: 'heron', weight: 1 }]
    refused('classes/unknown-anchor', { kind: 'set-visual', class: 'a', visual: { anchors, photoWeight: null } })
    refused('classes/too-many', ...Array.from({ length: 2000 }, (_, at) => add(`c${at}`, `c${at}`)))
  })
})
