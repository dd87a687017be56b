import type { ClassGuide } from '../../../src-main/contract/index.ts'

type Curve = NonNullable<ClassGuide['firstPhotos']>['curve']

export interface CurvePoint {
  readonly photos: number
  readonly x: number
  readonly y: number
  readonly top: number
  readonly bottom: number
}

/** Where the points of the curve stand in a picture: one column each, percent upwards, a little air on every side. */
export function curvePoints(curve: Curve, width: number, height: number): CurvePoint[] {
  const ends = curve.flatMap(({ mean, deviation }) => [mean - deviation, mean + deviation])
  const [low, high] = [Math.max(0, Math.min(...ends)), Math.min(100, Math.max(...ends))]
  const y = (value: number): number =>
    high > low ? height - ((Math.min(high, Math.max(low, value)) - low) / (high - low)) * height : height / 2
  return curve.map(({ photos, mean, deviation }, at) => ({
    photos,
    x: ((at + 0.5) / curve.length) * width,
    y: y(mean),
    top: y(mean + deviation),
    bottom: y(mean - deviation),
  }))
}
