import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer, type Classification, type Prediction } from '../../contract/index.ts'
import { nothingSaid, summarise } from './predictions.ts'

const role = fc.constantFrom('seen' as const, 'unseen' as const)
// Quarters: taking γ off is exact, so that ties stay ties.
const quarters = fc.integer({ min: -120, max: 120 }).map((one) => one / 4)
const score = quarters
/** Some classes, and the scores of one photo. */
const photo = fc.array(fc.record({ role, score }), { minLength: 1, maxLength: 30 })

const classesOf = (given: readonly { role: 'seen' | 'unseen' }[]): Classification['classes'] =>
  given.map(({ role }, at) => ({ name: `class ${at}`, role, id: null }))
const said = (given: readonly { role: 'seen' | 'unseen'; score: number }[], temperature: number): Prediction => ({
  ...{ photo: 0, file: 'x.jpg', error: null },
  ...summarise(
    Float32Array.from(given, ({ score }) => score),
    classesOf(given),
    temperature,
  )[0],
})

describe('what is kept of a photo’s scores', () => {
  it('gives the five best classes and their probabilities at every γ', () => {
    const knobs = [photo, quarters, fc.double({ min: 0.05, max: 20, noNaN: true })] as const
    fc.assert(
      fc.property(...knobs, (given, gamma, temperature) => {
        const { ranking } = answer(said(given, temperature), gamma, { temperature, noneBelow: null })
        const shifted = given.map(({ role, score }) => score - (role === 'seen' ? gamma : 0))
        const order = [...shifted.keys()].sort((a, b) => shifted[b] - shifted[a] || a - b).slice(0, 5)
        expect(ranking.map((one) => one.class)).toEqual(order)
        const most = Math.max(...shifted)
        const total = shifted.reduce((sum, one) => sum + Math.exp((one - most) / temperature), 0)
        for (const one of ranking) {
          expect(one.probability).toBeCloseTo(Math.exp((shifted[one.class] - most) / temperature) / total, 5)
          expect(one.role).toBe(given[one.class].role)
        }
      }),
    )
  })

  it('names none where the best is less probable than the threshold', () => {
    const given = [
      { role: 'seen' as const, score: 1 },
      { role: 'unseen' as const, score: 1 },
    ]
    const at = (noneBelow: number) => answer(said(given, 1), 0, { temperature: 1, noneBelow }).none
    expect([at(0.49), at(0.51)]).toEqual([false, true])
  })

  it('reads several rows, and says nothing of a photo that could not be read', () => {
    const classes = classesOf([{ role: 'seen' }, { role: 'unseen' }])
    const rows = summarise(Float32Array.of(1, 2, 4, 3), classes, 1)
    expect(rows.map(({ seen, unseen }) => [...seen.scores, ...unseen.scores])).toEqual([
      [1, 2],
      [4, 3],
    ])
    const broken = { photo: 0, file: 'x.jpg', error: { code: 'photo/truncated', message: '' }, ...nothingSaid }
    expect(answer(broken, 1, { temperature: 1, noneBelow: 0.5 })).toEqual({ ranking: [], none: false })
  })
})
