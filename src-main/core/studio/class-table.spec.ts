import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Finding } from '../../contract/index.ts'
import { tableOfText } from '../datasets/index.ts'
import { noVisual } from './book.ts'
import { readClassTable, withFreeNames, writeClassTable, type TableClasses } from './class-table.ts'
import { smallRun } from './testing/run-classes.ts'

const run = smallRun()
const read = (text: string, of = run): TableClasses => readClassTable(tableOfText('pasted', text), of)
const codes = ({ findings }: { findings: readonly Finding[] }): string[] => findings.map(({ code }) => code)
const values = ({ classes }: TableClasses): number[][] => classes.map(({ attributes }) => [...attributes])

describe('a table of classes', () => {
  it('is matched by the names of attributes, in any order and spelling', () => {
    const table = read('class\tWings\tsize\tunheard of\tstripes\nlynx\t0.5\t?\t3\t1\n')
    expect(table.classes[0].name).toBe('lynx')
    expect(values(table)).toEqual([[1, NaN, NaN, 0.5]])
    expect(codes(table)).toEqual(['classes/unknown-attributes', 'classes/missing-attributes'])
    expect(table.findings[0]).toMatchObject({ level: 'warning', examples: ['unheard of'] })
    expect(table.findings[1]).toMatchObject({ level: 'ok', examples: ['tail'] })
  })

  it('may be a row without a head, with a name or without', () => {
    expect(read('lynx\t1\t\t0.25\t0')).toMatchObject({ classes: [{ name: 'lynx' }], findings: [] })
    expect(values(read('1;0,5;0,25;0'))).toEqual([[1, 0.5, 0.25, 0]])
    expect(codes(read('1,0.5,0.25,0'))).toEqual(['classes/no-name'])
  })

  it('is refused where no row can be understood', () => {
    const refused = (text: string): unknown => {
      try {
        return read(text)
      } catch (thrown) {
        return thrown
      }
    }
    expect(refused('lynx\t1\t2')).toMatchObject({ code: 'classes/wrong-length', message: /2 values.*4/ })
    expect(refused('1\t2\t3\t4\t5\t6')).toMatchObject({ code: 'classes/wrong-length' })
    expect(refused('a file of something else')).toMatchObject({ code: 'classes/no-attribute-matches' })
    expect(refused('class\tone\ttwo\nlynx\t1\t2')).toMatchObject({ code: 'classes/no-attribute-matches' })
    expect(refused('class\tstripes\n')).toMatchObject({ code: 'classes/empty-table' })
    expect(refused('\n  \n')).toMatchObject({ code: 'classes/empty-table' })
    const many = Array.from({ length: 2001 }, (_, at) => `c${at},1`).join('\n')
    expect(refused(`class,stripes\n${many}`)).toMatchObject({ code: 'classes/too-many' })
  })

  it('keeps what is odd, and says so', () => {
    const table = read('class,stripes,tail,size,wings\nlynx,7,much,0.5,0\n,0,0,0\nibex,0,0,0,0,9\nibex,1,1,1,1\n')
    expect(values(table)).toEqual([
      [7, NaN, 0.5, 0],
      [0, 0, 0, NaN],
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ])
    expect(codes(table)).toEqual([
      ...['classes/no-name', 'classes/wrong-length', 'classes/not-a-number', 'classes/out-of-range'],
    ])
    expect(table.findings[3].examples).toEqual(['lynx, stripes: 7 (0 to 1)'])
    const findings: Finding[] = []
    const named = withFreeNames(table.classes, ['lynx', 'zebra'], findings)
    expect(named.map(({ name }) => name)).toEqual(['lynx (2)', 'New class', 'ibex', 'ibex (2)'])
    expect(findings).toMatchObject([{ code: 'classes/name-taken', examples: ['lynx → lynx (2)', 'ibex → ibex (2)'] }])
  })

  it('takes five hundred classes, and names of any kind', () => {
    const rows = Array.from({ length: 500 }, (_, at) => `"<b>${at}</b> ‮نمر 🐆🏽, “x”",${at / 500},0,0,0`)
    const table = read(`class,stripes,tail,size,wings\n${rows.join('\n')}`)
    expect(table.classes).toHaveLength(500)
    expect(table.classes[499].name).toBe('<b>499</b> ‮نمر 🐆🏽, “x”')
  })

  it('comes back as it was written, to the bit', () => {
    const name = fc
      .oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('=1+1', "'=x", '-5 cats', '@a', 'a;b\tc', '"'))
      .map((text) => text.normalize('NFC').trim())
      .filter((text) => text !== '' && text.length <= 200 && !/[\0\r\n]/.test(text))
    const attribute = fc.oneof(fc.float({ noDefaultInfinity: true }), fc.constant(NaN))
    const one = fc.record({ name, attributes: fc.array(attribute, { minLength: 4, maxLength: 4 }) })
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 8 }), (given) => {
        const classes = given.map(({ name, attributes }, at) => ({
          ...{ id: `c${at}`, name, on: true, visual: noVisual, photos: [] },
          // −0 is written as 0.
          attributes: Float32Array.from(attributes, (value) => value + 0),
        }))
        const odd = smallRun(['a;b', '=sum', 'tail, long', '"q"'])
        const table = read(writeClassTable(classes, odd.attributeNames), odd)
        expect(table.classes).toEqual(classes.map(({ name, attributes }) => ({ name, attributes })))
      }),
    )
  })
})
