import { z } from 'zod'
import { AppError, confidenceSchema, type Confidence, type RunResult } from '../../contract/index.ts'
import { harmonicMean, meanOf } from './accuracy.ts'
import type { CalibratedStacking } from './calibrated-stacking.ts'
import { firstPhotosSchema } from './first-photos.ts'

const heldOutClassSchema = z.object({
  class: z.int(),
  images: z.int(),
  /** Percent, at the hold-out's own γ among all of its classes. */
  accuracy: z.number(),
  /** Largest cosine to another class in the learned semantic space, before propagation. */
  nearest: z.number(),
})
export type HeldOutClass = z.infer<typeof heldOutClassSchema>

/** What one class hold-out found, small enough for a checkpoint. */
export const holdOutOutcomeSchema = z.object({
  T1: z.number(),
  /** γ* (METHOD.md section 12, step 2) and the scale it is measured in. */
  gamma: z.number(),
  deviation: z.number().positive(),
  /** Percent; γ is null at the two infinite ends. */
  curve: z.array(z.object({ gamma: z.number().nullable(), U: z.number(), S: z.number() })).min(1),
  /** null in a checkpoint made before there was one. */
  confidence: confidenceSchema.nullable().default(null),
  /** Empty, and null, for a method that does not tell. */
  classes: z.array(heldOutClassSchema).default([]),
  firstPhotos: firstPhotosSchema.nullable().default(null),
})
export type HoldOutOutcome = z.infer<typeof holdOutOutcomeSchema>

/** What a training says of itself beside what is measured at its end. */
export type RunFigures = Pick<
  RunResult,
  'episodes' | 'parameters' | 'heldOut' | 'heldOutSpread' | 'heldOutClasses' | 'firstPhotos' | 'graph' | 'selection'
>

/** `gamma` is what `stacking` suggests; who fitted the confidence knows it already. */
export function judgeHoldOut(stacking: CalibratedStacking, found: Omit<HoldOutOutcome, 'curve'>): HoldOutOutcome {
  const curve = stacking.seenUnseenCurve()
  if (!curve) throw new Error('A hold-out has images of both kinds.')
  const points = Array.from(curve.gamma, (gamma, at) => ({
    gamma: Number.isFinite(gamma) ? gamma : null,
    U: 100 * curve.U[at],
    S: 100 * curve.S[at],
  }))
  return { ...found, curve: points }
}

/** For the sentence that says how things were chosen. */
export const describeHoldOuts = (count: number): string =>
  count === 1 ? 'a hold-out of seen classes' : `${count} hold-outs of seen classes`

/** Population standard deviation of scores: the unit in which γ is carried from one model to another. */
function standardDeviation(scores: Float32Array): number {
  let mean = 0
  for (const score of scores) mean += score / scores.length
  let variance = 0
  for (const score of scores) variance += (score - mean) ** 2 / scores.length
  return Math.sqrt(variance)
}

/**
 * Throws `training/no-scores` where the scores do not differ: a γ would be a ratio of rounding errors. `scores` are those
 * whose spread is the unit of γ.
 */
export function spread(scores: Float32Array): number {
  const deviation = standardDeviation(scores)
  const largest = scores.reduce((most, score) => Math.max(most, Math.abs(score)), 0)
  if (deviation > 1e-7 * largest) return deviation
  throw new AppError('training/no-scores', 'The trained model gives every image and class the same score.', {
    next: 'Train again with a lower learning rate or a smaller L2 penalty.',
  })
}

/** r of METHOD.md section 12: the mean of γ* / sd over the hold-outs. */
export const gammaRatio = (outcomes: readonly HoldOutOutcome[]): number =>
  outcomes.reduce((sum, { gamma, deviation }) => sum + gamma / deviation, 0) / outcomes.length

/**
 * What the hold-outs say of a model whose scores have this deviation: T is carried like γ, the threshold is a probability
 * and has no unit. null where no hold-out tells.
 */
export function carriedConfidence(outcomes: readonly HoldOutOutcome[], deviation: number): Confidence | null {
  const fitted = outcomes.flatMap(({ confidence, deviation: unit }) => (confidence ? [{ ...confidence, unit }] : []))
  if (fitted.length === 0) return null
  const thresholds = fitted.flatMap(({ noneBelow }) => noneBelow ?? [])
  return {
    temperature: meanOf(fitted.map(({ temperature, unit }) => temperature / unit)) * deviation,
    noneBelow: thresholds.length > 0 ? meanOf(thresholds) : null,
  }
}

/**
 * The estimate to show where real unseen images do not exist: every hold-out judged at the γ that the *others* suggest
 * for it, so that none is judged by what was chosen on it. A single hold-out has to use its own.
 */
export function summariseHoldOuts(outcomes: readonly HoldOutOutcome[]): Pick<RunResult, 'heldOut' | 'heldOutSpread'> {
  const judged = outcomes.map((outcome, at) => {
    const others = outcomes.filter((_, other) => other !== at)
    const gamma = gammaRatio(others.length > 0 ? others : [outcome]) * outcome.deviation
    const { U, S } = nearestOnCurve(outcome.curve, gamma)
    return { T1: outcome.T1, U, S, H: harmonicMean(U, S) }
  })
  const estimate = (figure: 'T1' | 'U' | 'S' | 'H') => {
    const values = judged.map((one) => one[figure])
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1)
    return { mean, deviation: Math.sqrt(variance) }
  }
  const heldOutSpread = { T1: estimate('T1'), U: estimate('U'), S: estimate('S'), H: estimate('H') }
  const { T1, U, S, H } = heldOutSpread
  return { heldOut: { T1: T1.mean, U: U.mean, S: S.mean, H: H.mean }, heldOutSpread }
}

/** Points stand for intervals, so the nearest is exact but for γ within half an interval of a change. */
function nearestOnCurve(curve: HoldOutOutcome['curve'], gamma: number): { U: number; S: number } {
  const inner = curve.filter((point) => point.gamma !== null)
  if (inner.length === 0) return curve[0]
  return inner.reduce((best, point) => (Math.abs(point.gamma! - gamma) < Math.abs(best.gamma! - gamma) ? point : best))
}
