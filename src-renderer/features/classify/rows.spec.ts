import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer, type Prediction } from '../../../src-main/contract/index.ts'
import { photoAnswer } from './photo-answer.ts'
import { arrange, csvOf, labelOf, photoRows, tally } from './rows.ts'

const classes = [
  { name: 'lynx', role: 'seen' },
  { name: 'otter', role: 'seen' },
  { name: '=lobster, red', role: 'unseen' },
] as const
const classNames = classes.map(({ name }) => name)
const confidence = { temperature: 1, noneBelow: 0.4 }

function prediction(photo: number, file: string, [lynx, otter, lobster]: [number, number, number]): Prediction {
  const seen = lynx >= otter ? [0, 1] : [1, 0]
  return {
    photo,
    file,
    error: null,
    seen: { classes: Int32Array.from(seen), scores: Float32Array.from(seen.map((one) => [lynx, otter][one])) },
    unseen: { classes: Int32Array.of(2), scores: Float32Array.of(lobster) },
    logSumSeen: Math.log(Math.exp(lynx) + Math.exp(otter)),
    logSumUnseen: lobster,
  }
}
const nothing = { classes: new Int32Array(), scores: new Float32Array() }
const broken: Prediction = {
  photo: 3,
  file: 'broken.jpg',
  error: { code: 'photo/truncated', message: 'It is cut short.' },
  seen: nothing,
  unseen: nothing,
  logSumSeen: -Infinity,
  logSumUnseen: -Infinity,
}
const predictions = [
  prediction(0, 'b10.jpg', [3, 1, 2]),
  prediction(1, 'b2.jpg', [0, 4, 0]),
  prediction(2, 'a.jpg', [1, 1, 1]),
  broken,
]
const rows = (gamma: number, said = new Map<number, number>()) => photoRows(predictions, gamma, { confidence }, said)
const labels = (gamma: number) => rows(gamma).map(labelOf)

describe('the answer to a photo', () => {
  it('moves from seen to unseen classes as γ grows, and names nothing where the best is too unlikely', () => {
    expect(labels(0)).toEqual([0, 1, null, null])
    expect(labels(2)).toEqual([2, 1, 2, null])
    expect(labels(9)).toEqual([2, 2, 2, null])
  })

  it('has the probabilities of a softmax over all classes, whatever γ', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 3, maxLength: 3 }),
        fc.double({ min: -30, max: 30, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (scores, gamma, temperature) => {
          const [lynx, otter, lobster] = scores
          const given = {
            ...prediction(0, 'x', [lynx, otter, lobster]),
            logSumSeen: Math.log(Math.exp(lynx / temperature) + Math.exp(otter / temperature)),
            logSumUnseen: lobster / temperature,
          }
          const { ranking } = answer(given, gamma, { temperature, noneBelow: null })
          const shifted = [lynx - gamma, otter - gamma, lobster].map((score) => score / temperature)
          const most = Math.max(...shifted)
          const total = shifted.reduce((sum, one) => sum + Math.exp(one - most), 0)
          for (const one of ranking) {
            expect(one.probability).toBeCloseTo(Math.exp(shifted[one.class] - most) / total, 4)
          }
          expect(ranking.map(({ score }) => score)).toEqual(ranking.map(({ score }) => score).sort((a, b) => b - a))
        },
      ),
    )
  })

  it('is what the person said, once she has said something', () => {
    const [first] = rows(0, new Map([[0, 2]]))
    expect(labelOf(first)).toBe(2)
    expect(first.ranking[0].class).toBe(0)
  })
})

describe('what is shown', () => {
  const names = (options: Partial<Parameters<typeof arrange>[1]>, gamma = 0) =>
    arrange(rows(gamma), { filter: 'all', order: 'file', text: '', classNames, ...options }).map(({ file }) => file)

  it('is sorted by file as people count, by class, or by how sure the answer is', () => {
    expect(names({})).toEqual(['a.jpg', 'b2.jpg', 'b10.jpg', 'broken.jpg'])
    expect(names({ order: 'class' })).toEqual(['b10.jpg', 'b2.jpg', 'a.jpg', 'broken.jpg'])
    expect(names({ order: 'surest' })).toEqual(['b2.jpg', 'b10.jpg', 'a.jpg', 'broken.jpg'])
    expect(names({ order: 'least-sure' })[0]).toBe('broken.jpg')
  })

  it('can be one class, those without one, those that cannot be read, or what a name contains', () => {
    expect(names({ filter: 1 })).toEqual(['b2.jpg'])
    expect(names({ filter: 'none' })).toEqual(['a.jpg'])
    expect(names({ filter: 'unreadable' })).toEqual(['broken.jpg'])
    expect(names({ text: 'B1' })).toEqual(['b10.jpg'])
  })

  it('is counted', () => {
    expect([...tally(rows(2))]).toEqual([
      ['all', 4],
      [2, 2],
      [1, 1],
      ['unreadable', 1],
    ])
  })
})

describe('the table as a file', () => {
  it('quotes names, holds no formulas, and has a line for every photo', () => {
    const lines = csvOf(rows(9), { classes: classes.map((one) => ({ ...one, id: null })) })
      .trim()
      .split('\n')
    expect(lines).toHaveLength(5)
    expect(lines[1]).toContain(`b10.jpg,"'=lobster, red",no,no,,"'=lobster, red",unseen,0.9`)
    expect(lines[4]).toBe(`broken.jpg,,no,no,It is cut short.${','.repeat(15)}`)
  })
})

describe('what stands under a photo', () => {
  const classes = [{ name: '001.Snow_leopard', role: 'unseen' as const, id: null }]
  const row = {
    photo: 0,
    file: 'a.jpg',
    error: null,
    none: false,
    said: null,
    ranking: [{ class: 0, role: 'unseen' as const, score: 1, probability: 0.613 }],
  }

  it('is the class and how sure that is', () => {
    expect(photoAnswer(row, classes)).toMatchObject({ kind: 'unseen', label: '001 Snow leopard', share: '61.3 %' })
  })

  it('is “none of these” with the class that came nearest, so that the figure says what it is of', () => {
    expect(photoAnswer({ ...row, none: true }, classes)).toMatchObject({
      kind: 'none',
      label: 'none of these',
      share: '001 Snow leopard? 61.3 %',
    })
  })
})
