import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../contract/index.ts'
import { createRandom } from '../random.ts'
import { estimateAccuracy, expectedAccuracy, usualDistance } from './learnable.ts'

type HeldOut = RunResult['heldOutClasses']

const heldOut = (classes: readonly (readonly [nearest: number, accuracy: number])[]): HeldOut =>
  classes.map(([nearest, accuracy], at) => ({ class: `class ${at}`, holdOut: 1, images: 20, nearest, accuracy }))

/** Half of the classes have a near neighbour and are told badly, half stand alone and are told well. */
const twoKinds = heldOut([
  ...Array.from({ length: 15 }, (_, at) => [0.9 + at / 1000, 20 + (at % 3)] as const),
  ...Array.from({ length: 15 }, (_, at) => [0.3 + at / 1000, 80 + (at % 3)] as const),
])

describe('the expected accuracy of a described class', () => {
  it('is that of held-out classes as near to their neighbours', () => {
    const near = estimateAccuracy(0.9, twoKinds)!
    const alone = estimateAccuracy(0.3, twoKinds)!
    expect(near.accuracy).toBeCloseTo(21, 0)
    expect(alone.accuracy).toBeCloseTo(81, 0)
    expect([near.from, alone.from]).toEqual([10, 10])
  })

  it('counts those most that are most alike', () => {
    const classes = Array.from({ length: 8 }, (_, at) => [at / 10, at === 0 ? 100 : 0] as const)
    // The first is at no distance and weighs 1, the last weighs a half, those between in proportion.
    const weights = classes.map(([nearest]) => 1 - nearest / 0.7 / 2)
    expect(estimateAccuracy(0, heldOut(classes))!.accuracy).toBeCloseTo(
      100 / weights.reduce((sum, one) => sum + one, 0),
      6,
    )
  })

  it('says nothing from fewer than eight classes, and takes eight where a third would be fewer', () => {
    expect(estimateAccuracy(0.5, twoKinds.slice(0, 7))).toBeNull()
    expect(estimateAccuracy(0.5, [])).toBeNull()
    expect(estimateAccuracy(0.5, twoKinds.slice(0, 8))!.from).toBe(8)
    expect(estimateAccuracy(0.9, twoKinds.slice(0, 20))!.from).toBe(8)
  })

  it('is none where nothing is known of the class', () => {
    const described = (...attributes: number[]) => ({
      ...{ id: 'x', name: 'x', attributes: Float32Array.from(attributes), visual: null },
    })
    expect(expectedAccuracy(described(NaN, NaN), 0.9, twoKinds)).toBeNull()
    expect(expectedAccuracy(described(NaN, 1), 0.9, twoKinds)).toEqual(estimateAccuracy(0.9, twoKinds))
  })

  it('is certain where all agree, also where all are as near', () => {
    const agreeing = heldOut(Array.from({ length: 9 }, () => [0.7, 60] as const))
    expect(estimateAccuracy(0.7, agreeing)).toEqual({ accuracy: 60, low: 60, high: 60, from: 8 })
  })

  it('stays a percentage, inside its own bounds', () => {
    const one = fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true }))
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 8, maxLength: 60 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (classes, nearest) => {
          const { accuracy, low, high } = estimateAccuracy(nearest, heldOut(classes))!
          expect(low).toBeGreaterThanOrEqual(0)
          expect(high).toBeLessThanOrEqual(100)
          expect(accuracy).toBeGreaterThanOrEqual(low - 1e-9)
          expect(accuracy).toBeLessThanOrEqual(high + 1e-9)
        },
      ),
    )
  })

  it('has bounds that hold the mean accuracy of such classes about as often as they say', () => {
    const random = createRandom(7)
    const deviation = 12
    let held = 0
    const draws = 400
    for (let draw = 0; draw < draws; draw++) {
      // Sums of four uniform numbers are nearly normal; their variance is 4 / 12.
      const noise = () =>
        ((random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2) * deviation) / Math.sqrt(1 / 3)
      const classes = Array.from({ length: 60 }, () => [0.5 + random.uniform() / 10, 50 + noise()] as const)
      const { low, high } = estimateAccuracy(0.55, heldOut(classes))!
      if (low <= 50 && 50 <= high) held++
    }
    expect(held / draws).toBeGreaterThan(0.9)
    expect(held / draws).toBeLessThan(0.98)
  })
})

describe('the usual distance of classes', () => {
  const computed = (points: readonly number[]) => ({
    projected: Float32Array.from(points),
    classes: Int32Array.from(points.keys()),
    list: points.map((_, at) => ({ name: `${at}`, role: 'seen' as const, id: null })),
    semantic: { cosine: new Float32Array(), attention: new Float32Array() },
    visual: { cosine: new Float32Array(), attention: new Float32Array() },
  })

  it('is the median of the distances to the nearest one', () => {
    // On a line: nearest distances 1, 1, 3, 3, 20.
    expect(usualDistance(computed([0, 1, 10, 13, 33]))).toBe(3)
  })

  it('is 1 where there is none: all coincide, or one is alone', () => {
    expect(usualDistance(computed([4, 4, 4]))).toBe(1)
    expect(usualDistance(computed([4]))).toBe(1)
  })
})
