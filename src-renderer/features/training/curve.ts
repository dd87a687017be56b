import type { Method, RunResult, SeenUnseenCurve } from '../../../src-main/contract/index.ts'

/** What one run's curve is drawn from. */
export interface MethodCurve {
  readonly method: Method
  readonly curve: SeenUnseenCurve
  readonly result: RunResult
}

/** Points with the same harmonic mean `H`, from U = S·… at the top to the right: the hyperbola that a calibration moves across. */
export function isoHarmonic(
  H: number,
  largestU: number,
  largestS: number,
  points = 40,
): readonly (readonly [number, number])[] {
  // S = HU / (2U − H) reaches largestS at this U.
  const first = (H * largestS) / (2 * largestS - H)
  if (2 * largestS <= H || first > largestU) return []
  return Array.from({ length: points }, (_, at) => {
    const U = first + ((largestU - first) * at) / (points - 1)
    return [U, (H * U) / (2 * U - H)] as const
  })
}
