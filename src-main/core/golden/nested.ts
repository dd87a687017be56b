import type { NamedTensor, NamedTensors } from '../compute/engine.ts'

/** Numbers as a golden file has them; null is an unknown attribute. */
export type Nested = number | null | readonly Nested[]
export const flat = (values: Nested): number[] =>
  Array.isArray(values) ? values.flatMap(flat) : [(values as number | null) ?? NaN]

export function tensor(values: Nested): NamedTensor {
  const shape: number[] = []
  for (let at: Nested = values; Array.isArray(at); at = at[0] as Nested) shape.push(at.length)
  return { data: Float32Array.from(flat(values)), shape }
}

export const tensors = (named: Readonly<Record<string, Nested>>): NamedTensors =>
  Object.fromEntries(Object.entries(named).map(([name, values]) => [name, tensor(values)]))

/** METHOD.md section 10's measure: the largest difference by the largest expected value, which counts as `floor` at least. */
export function error(found: ArrayLike<number>, reference: Nested, floor: number): number {
  const expected = flat(reference)
  if (found.length !== expected.length) return Infinity
  let largest = 0
  let difference = 0
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]))
    const apart = Math.abs(found[i] - expected[i])
    // A comparison with NaN would lose it.
    difference = apart <= difference ? difference : Number.isNaN(apart) ? Infinity : apart
  }
  return difference === 0 ? 0 : difference / Math.max(largest, floor)
}

export const largestOf = (named: Readonly<Record<string, Nested>>): number =>
  Object.values(named).reduce<number>(
    (largest, values) => flat(values).reduce((a, b) => Math.max(a, Math.abs(b)), largest),
    0,
  )
