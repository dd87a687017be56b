import { z } from 'zod'
import type { RunResult } from '../../contract/index.ts'
import { meanOf } from './accuracy.ts'

/** Numbers of photos that a class is given. */
export const photoCounts = [1, 2, 5] as const
/** Weights that are tried: n photos count n / (n + κ) beside the anchors, at κ = 0 all. CUB and the animals are best at 1/8. */
export const kappas = [0, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4] as const

/** What a hold-out found: accuracy, percent, of each class that has photos to spare. */
export const firstPhotosSchema = z.object({
  /** Without a photo. */
  none: z.array(z.number()),
  /** [κ][n][class], in the order of `kappas` and `photoCounts`. */
  some: z.array(z.array(z.array(z.number()))),
})
export type FirstPhotos = z.infer<typeof firstPhotosSchema>

/** κ is the one with the best mean over n and all classes of all hold-outs. null where no class had photos to spare. */
export function summariseFirstPhotos(holdOuts: readonly (FirstPhotos | null)[]): RunResult['firstPhotos'] {
  // A checkpoint of an earlier version tried other weights: what it found cannot be compared.
  const found = holdOuts.flatMap((one) => (one?.some.length === kappas.length ? one : []))
  const none = found.flatMap((one) => one.none)
  if (none.length === 0) return null
  const of = (kappa: number, n: number): number[] => found.flatMap(({ some }) => some[kappa][n])
  const means = kappas.map((_, kappa) => meanOf(photoCounts.map((_, n) => meanOf(of(kappa, n)))))
  const best = means.indexOf(Math.max(...means))
  const point = (photos: number, accuracies: readonly number[]) => ({
    photos,
    mean: meanOf(accuracies),
    deviation: deviationOf(accuracies),
  })
  return {
    kappa: kappas[best],
    classes: none.length,
    curve: [point(0, none), ...photoCounts.map((count, n) => point(count, of(best, n)))],
  }
}

function deviationOf(values: readonly number[]): number {
  const mean = meanOf(values)
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1))
}
