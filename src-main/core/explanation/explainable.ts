import type { Classification, TrainingConfig } from '../../contract/index.ts'
import { scaleAttributes } from '../method/scaling.ts'
import type { Cast } from '../studio/extend-model.ts'
import type { ClassDescriptions } from '../training/stored-model.ts'

/** How a method's description of two classes makes the difference of their scores. K attributes. */
export interface Attribution {
  /** The difference with both classes' attributes "not known". */
  readonly baseline: number
  /** K parts of the difference each, through the description of either class. */
  readonly throughFirst: Float64Array
  readonly throughSecond: Float64Array
}

/** Whose prototypes flowed into a class, in the order of the classes; rows sum to 1. */
export interface Flow {
  readonly semantic: Float64Array
  readonly visual: Float64Array
  /** Classes whose photos stand in for those that it does not have. */
  readonly anchors: readonly { readonly class: number; readonly share: number }[]
}

/** What a method must be able to say of one image. Classes are meant by their place in `classes`. */
export interface Explainable {
  readonly classes: Classification['classes']
  /** Of the image, γ not in them. */
  readonly scores: Float32Array
  /** One sentence: how `attribute` computes. */
  readonly how: string
  /** K values of a class in the units of the dataset; NaN is "not known". */
  described(one: number): Float32Array
  attribute(first: number, second: number): Promise<Attribution>
  /** How much score(first) − score(second) rises per attribute of `first`, for a change as wide as the attribute's range. */
  slopes(first: number, second: number): Promise<Float64Array>
  /** The scores if a class were described by these K values; what stands for its photos stays. Quick. */
  rescored(one: number, described: Float32Array): Promise<Float32Array>
  /** The same as the model would have it, anchors chosen anew. */
  scoredAnew(one: number, described: Float32Array): Promise<Float32Array>
  /** null for a method without graphs. */
  flow(one: number): Flow | null
}

/** Smallest and largest known value of each attribute, C×K → K; NaN where none is known. */
export function rangesOf(
  described: Float32Array,
  K: number,
): { readonly low: Float32Array; readonly high: Float32Array } {
  const [low, high] = [new Float32Array(K).fill(NaN), new Float32Array(K).fill(NaN)]
  described.forEach((value, i) => {
    if (Number.isNaN(value)) return
    // A comparison with NaN is false: the first value is taken.
    if (!(low[i % K] <= value)) low[i % K] = value
    if (!(high[i % K] >= value)) high[i % K] = value
  })
  return { low, high }
}

/** K values of a class of an extended model (studio/extend-model.ts), as it was described. */
export function describedBy(
  index: number,
  { rawAttributes, attributeNames: { length: K } }: ClassDescriptions,
  { described }: Cast,
): Float32Array {
  const own = rawAttributes.length / K
  return index < own ? rawAttributes.subarray(index * K, (index + 1) * K) : described[index - own].attributes
}

/** K values as the training scaled its own: a row beside those of the run, whose statistics do not change with it. */
export function scaledBeside(
  row: Float32Array,
  { rawAttributes }: Pick<ClassDescriptions, 'rawAttributes'>,
  scaling: TrainingConfig['attributeScaling'],
  seenClasses: Int32Array,
): Float32Array {
  const all = new Float32Array(rawAttributes.length + row.length)
  all.set(rawAttributes)
  all.set(row, rawAttributes.length)
  return scaleAttributes(all, row.length, scaling, seenClasses).subarray(-row.length)
}
