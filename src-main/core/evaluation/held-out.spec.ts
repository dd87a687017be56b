import { describe, expect, it } from 'vitest'
import { calibratedStacking } from './calibrated-stacking.ts'
import {
  carriedConfidence,
  gammaRatio,
  holdOutOutcomeSchema,
  judgeHoldOut,
  spread,
  summariseHoldOuts,
} from './held-out.ts'

/** Seen images are right below γ = 3·unit, unseen ones above 1·unit. */
function outcome(unit: number, T1 = 50) {
  const rows = Array.from({ length: 60 }, (_, row) =>
    row < 30 ? [(1 - row / 300) * unit, 0] : [(3 + row / 300) * unit, 0],
  )
  const stacking = calibratedStacking({
    scores: Float32Array.from(rows.flat()),
    classes: Int32Array.of(0, 1),
    labels: Int32Array.from(rows, (_, row) => (row < 30 ? 1 : 0)),
    seenClasses: Int32Array.of(0),
  })
  const confidence = { temperature: 3 * unit, noneBelow: 0.4 }
  const found = { T1, deviation: 2 * unit, gamma: stacking.suggestedGamma(), confidence }
  return judgeHoldOut(stacking, { ...found, classes: [], firstPhotos: null })
}

describe('what hold-outs tell', () => {
  it('carries γ in units of the deviation, whatever the scale of a model', () => {
    const outcomes = [outcome(1), outcome(10), outcome(0.1)]
    expect(gammaRatio(outcomes)).toBeCloseTo(outcomes[0].gamma / 2, 6)
  })

  it('judges each hold-out at the γ of the others, not at its own', () => {
    const fit = summariseHoldOuts([outcome(1), outcome(5), outcome(2)])
    expect(fit.heldOut).toMatchObject({ U: 100, S: 100, H: 100 })
    // The second one's deviation is ten times too small for its scores, so that γ carried to it from the first fails.
    const misfit = { ...outcome(1), deviation: 0.2 }
    expect(summariseHoldOuts([outcome(1), misfit]).heldOut.U).toBeLessThan(100)
    expect(summariseHoldOuts([misfit]).heldOut.H).toBe(100)
  })

  it('gives mean and deviation over the hold-outs', () => {
    const { heldOut, heldOutSpread } = summariseHoldOuts([outcome(1, 40), outcome(1, 60)])
    expect(heldOut.T1).toBe(50)
    expect(heldOutSpread.T1.mean).toBe(50)
    expect(heldOutSpread.T1.deviation).toBeGreaterThanOrEqual(10)
  })

  it('survives JSON, as a checkpoint carries it', () => {
    const one = outcome(1)
    expect(holdOutOutcomeSchema.parse(JSON.parse(JSON.stringify(one)))).toEqual(one)
  })

  it('carries T in units of the deviation and the threshold as it is; a hold-out that tells nothing is left out', () => {
    const outcomes = [outcome(1), outcome(10), { ...outcome(2), confidence: null }]
    expect(carriedConfidence(outcomes, 4)!.temperature).toBeCloseTo(6, 10)
    expect(carriedConfidence(outcomes, 4)!.noneBelow).toBeCloseTo(0.4, 10)
    expect(carriedConfidence([{ ...outcome(2), confidence: null }], 4)).toBeNull()
  })

  it('reads a checkpoint made before there was a confidence', () => {
    const { confidence, ...before } = outcome(1)
    expect(confidence).not.toBeNull()
    expect(holdOutOutcomeSchema.parse(JSON.parse(JSON.stringify(before)))).toEqual({ ...before, confidence: null })
  })

  it('takes the deviation of the population', () => {
    expect(spread(Float32Array.of(1, 3, 1, 3))).toBe(1)
  })

  it('refuses scores that do not differ: there is no unit for γ', () => {
    expect(() => spread(Float32Array.of(4, 4, 4))).toThrow(/same score/)
    expect(() => spread(Float32Array.of(1000, 1000.00006))).toThrow(/same score/)
  })
})
