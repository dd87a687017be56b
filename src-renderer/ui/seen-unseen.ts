import type { SeenUnseenCurve } from '../../src-main/contract/index.ts'

export interface CurvePoint {
  /** Shares of 1. */
  readonly U: number
  readonly S: number
  readonly gamma: number
}

export const curvePoints = ({ U, S, gamma }: SeenUnseenCurve): CurvePoint[] =>
  Array.from(U, (unseen, at) => ({ U: unseen, S: S[at], gamma: gamma[at] }))

/** 2US/(U+S), 0 where both are 0. */
export const harmonic = (U: number, S: number): number => (U + S === 0 ? 0 : (2 * U * S) / (U + S))

/** The point whose γ is nearest; the curve has at least its two ends. */
export const pointAt = (points: readonly CurvePoint[], gamma: number): CurvePoint =>
  points.reduce((best, one) => (Math.abs(one.gamma - gamma) < Math.abs(best.gamma - gamma) ? one : best))
