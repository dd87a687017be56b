import type { DescribedAttribute } from '../../../src-main/contract/index.ts'

type Scale = Pick<DescribedAttribute, 'low' | 'high'>

/** Steps between the ends of a slider, at least. */
const fewest = 100

/** A step that people count in (1, 2 or 5, times a power of ten): the largest that divides the scale into a hundred or more. */
export function stepOf({ low, high }: Scale): number {
  const span = high - low
  if (!(span > 0)) return 1
  const power = 10 ** Math.floor(Math.log10(span / fewest))
  const times = [5, 2, 1].find((one) => one * power * fewest <= span * (1 + 1e-9)) ?? 1
  return times * power
}

/** A place of the slider as a value to keep: whole steps, and exactly the ends. */
export function settle(place: number, scale: Scale): number {
  const { low, high } = scale
  const step = stepOf(scale)
  if (place >= high - step / 2) return high
  if (place <= low + step / 2) return low
  return Number((Math.round(place / step) * step).toPrecision(7))
}

/** Where a value lies between the ends, 0 to 1; the nearer end for one outside. */
export function placeOf(value: number, { low, high }: Scale): number {
  return high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5
}

/** Whether training saw nothing like it. Stored numbers are float32: less than that is no difference. */
export function isOutside(value: number, { seenLow, seenHigh }: Pick<DescribedAttribute, 'seenLow' | 'seenHigh'>) {
  const slack = 1e-6 * Math.max(Math.abs(seenLow), Math.abs(seenHigh), seenHigh - seenLow)
  return value < seenLow - slack || value > seenHigh + slack
}

/** Where a value stands that is not known. */
export const middleOf = ({ low, high }: Scale): number => (low + high) / 2

/** The value that a nearby class has here. */
export interface Tick {
  readonly name: string
  readonly value: number
}
