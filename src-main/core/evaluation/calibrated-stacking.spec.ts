import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { harmonicMean, meanPerClassAccuracy } from './accuracy.ts'
import { calibratedStacking } from './calibrated-stacking.ts'

interface Golden {
  inputs: { evaluation: { seen: number[]; unseen: number[]; labels: number[] } }
  evaluation: {
    scores: number[][]
    scoresUnseenOnly: number[][]
    T1: number
    plain: Figures
    calibrated: Figures[]
    ausuc: number
  }
}
type Figures = Record<'gamma' | 'U' | 'S' | 'H', number>

const folder = join(import.meta.dirname, '../../../../shared/golden')
const present = existsSync(folder)

describe.skipIf(!present)(
  `golden files${present ? '' : ': skipped, because the folder of golden files is not here'}`,
  () => {
    const problems = (present ? readdirSync(folder) : [])
      .map((name) => [name, JSON.parse(readFileSync(join(folder, name), 'utf8')) as Golden] as const)
      .filter(([, { evaluation }]) => evaluation as unknown)

    it.each(problems)('%s', (_, { inputs, evaluation }) => {
      const seenClasses = Int32Array.from(inputs.evaluation.seen).sort()
      const unseen = Int32Array.from(inputs.evaluation.unseen).sort()
      const labels = Int32Array.from(inputs.evaluation.labels)
      const classes = Int32Array.from([...seenClasses, ...unseen]).sort()
      const rows = Int32Array.from(labels.keys()).filter((row) => unseen.includes(labels[row]))

      const alone = Float32Array.from(evaluation.scoresUnseenOnly.flat())
      const T1 = meanPerClassAccuracy({ scores: alone, classes: unseen, labels, rows })
      expect(Math.abs((T1 ?? NaN) - evaluation.T1)).toBeLessThan(0.01)

      const stacking = calibratedStacking({
        scores: Float32Array.from(evaluation.scores.flat()),
        classes,
        labels,
        seenClasses,
      })
      for (const { gamma, ...expected } of [evaluation.plain, ...evaluation.calibrated]) {
        const found = stacking.accuraciesAt(gamma)
        for (const name of ['U', 'S', 'H'] as const)
          expect(Math.abs((found[name] ?? NaN) - expected[name])).toBeLessThan(0.01)
      }
      expect(Math.abs((stacking.ausuc() ?? NaN) - evaluation.ausuc)).toBeLessThan(1e-4)
    })
  },
)

/** Few different scores, so that ties and twins are common; labels of both kinds among 3 seen and 2 unseen classes. */
const problem = fc
  .array(fc.tuple(fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 5, maxLength: 5 }), fc.nat(4)), {
    minLength: 1,
    maxLength: 25,
  })
  .map((images) => ({
    scores: Float32Array.from(images.flatMap(([scores]) => scores)),
    labels: Int32Array.from(images, ([, label]) => label),
    classes: Int32Array.of(0, 1, 2, 3, 4),
    seenClasses: Int32Array.of(0, 2, 3),
  }))
const isSeen = (one: number) => [0, 2, 3].includes(one)

/** Subtract, take the highest, count: as METHOD.md section 6 says it. */
function byHand({ scores, labels }: { scores: Float32Array; labels: Int32Array }, gamma: number) {
  const shifted = scores.map((score, at) => score - (isSeen(at % 5) ? gamma : 0))
  const predicted = Array.from(labels, (_, row) => {
    const own = [...shifted.subarray(row * 5, row * 5 + 5)]
    return own.indexOf(Math.max(...own))
  })
  const of = (kind: boolean): number | null => {
    const accuracies = [0, 1, 2, 3, 4]
      .filter((one) => isSeen(one) === kind && labels.includes(one))
      .map((one) => {
        const rows = [...labels.keys()].filter((row) => labels[row] === one)
        return rows.filter((row) => predicted[row] === one).length / rows.length
      })
    return accuracies.length > 0 ? (100 * accuracies.reduce((a, b) => a + b)) / accuracies.length : null
  }
  return { U: of(false), S: of(true), predicted }
}

describe('calibrated stacking', () => {
  it('agrees with subtracting γ and looking, also where γ makes a tie', () => {
    fc.assert(
      fc.property(problem, fc.integer({ min: -14, max: 14 }), (given, half) => {
        const gamma = half / 2
        const stacking = calibratedStacking(given)
        const expected = byHand(given, gamma)
        const { U, S, H } = stacking.accuraciesAt(gamma)
        for (const [found, one] of [
          [U, expected.U],
          [S, expected.S],
        ]) {
          if (one === null) expect(found).toBeNull()
          else expect(found).toBeCloseTo(one, 9)
        }
        if (U !== null && S !== null) expect(H).toBeCloseTo(harmonicMean(U, S), 9)
        expect([...stacking.predictionsAt(gamma)]).toEqual(expected.predicted)
      }),
      { numRuns: 300 },
    )
  })

  it('has a curve from U = 0 to S = 0 that never turns back, and its area in [0, 1]', () => {
    fc.assert(
      fc.property(problem, (given) => {
        const stacking = calibratedStacking(given)
        const curve = stacking.seenUnseenCurve()
        const bothKinds = given.labels.some(isSeen) && given.labels.some((one) => !isSeen(one))
        expect(curve !== null).toBe(bothKinds)
        if (!curve) return
        expect([curve.U[0], curve.S.at(-1), curve.gamma[0], curve.gamma.at(-1)]).toEqual([0, 0, -Infinity, Infinity])
        for (let i = 1; i < curve.U.length; i++) {
          expect(curve.U[i]).toBeGreaterThanOrEqual(curve.U[i - 1])
          expect(curve.S[i]).toBeLessThanOrEqual(curve.S[i - 1])
          if (i < curve.U.length - 1) expect(byHand(given, curve.gamma[i]).U).toBeCloseTo(100 * curve.U[i], 4)
        }
        expect(stacking.ausuc()).toBeGreaterThanOrEqual(0)
        expect(stacking.ausuc()).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('suggests the middle of the values that are about the best', () => {
    // Unseen images need γ > 1, seen ones γ < 3: anything between is perfect.
    const rows = Array.from({ length: 40 }, (_, row) => (row < 20 ? [1 - row / 100, 0] : [3 + row / 100, 0]))
    const stacking = calibratedStacking({
      scores: Float32Array.from(rows.flat()),
      classes: Int32Array.of(0, 1),
      labels: Int32Array.from(rows, (_, row) => (row < 20 ? 1 : 0)),
      seenClasses: Int32Array.of(0),
    })
    expect(stacking.suggestedGamma()).toBeCloseTo((1 + 3.2) / 2, 2)
    expect(stacking.accuraciesAt(stacking.suggestedGamma())).toEqual({ U: 100, S: 100, H: 100 })
    expect(stacking.ausuc()).toBeCloseTo(1, 9)
  })

  it('says so when scores are not numbers', () => {
    const given = { scores: Float32Array.of(NaN, NaN), classes: Int32Array.of(0, 1), labels: Int32Array.of(0) }
    expect(() => calibratedStacking({ ...given, seenClasses: Int32Array.of(0) })).toThrow(/not numbers/)
  })
})
