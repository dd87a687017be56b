import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { isDelta, middleOf, parseDelta } from './delta.ts'

// Written for this test in the manner of the sample data that come with the DELTA system.
const specs = `*SHOW A few birds

*NUMBER OF CHARACTERS 5
*MAXIMUM NUMBER OF STATES 3
*MAXIMUM NUMBER OF ITEMS 3

*CHARACTER TYPES 2,IN 3,RN 4,OM 5,TE

*NUMBERS OF STATES 1,3 4,3

*IMPLICIT VALUES 4,2

*DEPENDENT CHARACTERS 1,3:3
`
const chars = `*CHARACTER LIST

#1. <plumage> colour <of the back,
  at rest>/
       1. red or
          orange/
       2. black and/or grey <dull>/
       3. white/

#2. toes/

#3. length <mean>/
    mm/

#4. crest/
       1. absent/
       2. short/
       3. long/

#5. <notes>/
`
const items = `*ITEM DESCRIPTIONS

# \\i{}Pica <sp.>\\i0{} pica <L./the magpie>/
5<Common, 1,2 and so on> 1,2&3<wing bars <broad>> 2,4 3,440-460

# 솔새/ 1,1/3 3,(90-)100-110-120(-130)
4,1-2<rarely 3>

# Nothing known/
1,U 2,V 3,- 4,-
`

describe('DELTA', () => {
  it('is read: states as 0 or 100, numbers by their usual value, comments left out', () => {
    const table = parseDelta('birds', specs + chars + items)
    expect(table.classNames).toEqual(['Pica pica', '솔새', 'Nothing known'])
    expect(table.attributeNames).toEqual([
      'colour: red or orange',
      'colour: black and/or grey',
      'colour: white',
      'toes',
      'length (mm)',
      'crest: absent',
      'crest: short',
      'crest: long',
    ])
    expect(table.attributeGroups).toEqual(['colour', 'colour', 'colour', null, null, 'crest', 'crest', 'crest'])
    expect([...table.attributes]).toEqual([
      ...[0, 100, 100, 4, 450, 0, 100, 0],
      ...[100, 0, 100, NaN, 110, 100, 100, 0],
      // Unknown, variable, not applicable.
      ...[NaN, NaN, NaN, NaN, NaN, 0, 0, 0],
    ])
    expect(table.texts).toEqual(['character 5'])
    expect(table.unread).toEqual([])
  })

  it('is read with abbreviated directives and without its specifications', () => {
    const short = chars.replace('CHARACTER LIST', 'CHA LIS') + items.replace('ITEM DESCRIPTIONS', 'ITE DES')
    const table = parseDelta('birds', short)
    expect(table.attributeNames.slice(0, 3)).toEqual([
      'colour: red or orange',
      'colour: black and/or grey',
      'colour: white',
    ])
    expect([...table.attributes.subarray(0, 3)]).toEqual([0, 100, 100])
  })

  it('tells what it could not read, and takes it as not known', () => {
    const table = parseDelta('birds', specs + chars + '*ITEM DESCRIPTIONS\n# A/ 1,4 2,many 9,1 3,7\n')
    expect(table.unread).toEqual(['A: 1,4', 'A: 2,many', 'A: 9,1'])
    expect([...table.attributes]).toEqual([NaN, NaN, NaN, NaN, 7, 0, 100, 0])
  })

  it('leaves out variants of a taxon', () => {
    expect(parseDelta('birds', `${chars}*ITEM DESCRIPTIONS\n# A/ 1,1\n#+ pale A/ 1,3\n`).classNames).toEqual(['A'])
  })

  it.each([
    ['dataset/damaged-file', specs + chars],
    ['dataset/damaged-file', items.replace('Pica', '').slice(0, 30)],
    ['dataset/impossible-size', `${chars}*ITEM DESCRIPTIONS\n# A/ 1-999999999,1\n`],
    ['dataset/impossible-size', `${chars}*NUMBERS OF STATES 1,99999 2-90000,99999\n${items}`],
    ['dataset/impossible-size', `${chars}*NUMBERS OF STATES 1,99999999999\n${items}`],
    ['dataset/impossible-size', `${chars}*ITEM DESCRIPTIONS\n# A/ ${'1-99999,1 '.repeat(11)}\n`],
  ])('that is none is refused: %s', (code, text) => {
    expect(() => parseDelta('birds', text)).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('is told from other texts', () => {
    expect([specs, chars, items].map(isDelta)).toEqual([true, true, true])
    expect(['', '*** Shopping ***\n* milk', 'specs'].map(isDelta)).toEqual([false, false, false])
  })

  it('any text is read or refused, at once', () => {
    const words = fc.constantFrom(
      '*ITEM DESCRIPTIONS',
      '*CHARACTER LIST',
      '*CHARACTER TYPES',
      '#1.',
      '#',
      '/',
      '<',
      '>',
      '1,2',
      '1,U',
      '3-9,',
      '\n',
      ' ',
      '1. a/',
      '(1-)',
      '-',
      '&',
    )
    const text = fc.array(fc.oneof(words, fc.string({ maxLength: 4 })), { maxLength: 60 })
    fc.assert(
      fc.property(text, (parts) => {
        try {
          const { classNames, attributeNames, attributes } = parseDelta('x', `${chars}${items}${parts.join('')}`)
          expect(attributes).toHaveLength(classNames.length * attributeNames.length)
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(AppError)
        }
      }),
      { numRuns: 300, interruptAfterTimeLimit: 2000 },
    )
    const before = process.cpuUsage()
    parseDelta(
      'x',
      `${chars}*ITEM DESCRIPTIONS\n# A${'<'.repeat(300_000)}${'>'.repeat(300_000)}/ 1,1 ${'<'.repeat(300_000)}\n`,
    )
    const { user, system } = process.cpuUsage(before)
    expect(user + system).toBeLessThan(2_000_000) // µs
  })
})

describe('a range', () => {
  it.each([
    ['5', 5],
    ['5-7', 6],
    ['5–7', 6],
    ['5-6.5-9', 6.5],
    ['(1-)5-7(-90)', 6],
    ['-3', -3],
    ['-3--1', -2],
    ['', NaN],
    ['much', NaN],
    ['1-2-3-4', NaN],
  ])('%s is %d', (text, value) => {
    expect(middleOf(text)).toBe(value)
  })
})
