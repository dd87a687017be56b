import { gatherRows } from '../compute/linear-algebra.ts'
import { scaleAttributes } from '../method/scaling.ts'
import { classesOf } from '../inference/classifier.ts'
import type { OpenEszsl } from './eszsl-service.ts'
import { rangesOf, type Attribution, type Explainable } from './explainable.ts'

const how = 'Exact: a score of ESZSL is a sum over the attributes of a class.'

/**
 * A score is xᵀ V a: each attribute's part of it is its value times (xᵀ V)_k; one that is unknown counts as 0.
 * @param image scaled features, D.
 */
export function explainEszsl(
  { run, context, descriptions, weights, attributes }: OpenEszsl,
  image: Float32Array,
): Explainable {
  const K = descriptions.attributeNames.length
  const D = image.length
  const classes = Int32Array.from([...context.seenClasses, ...context.unseenClasses]).sort()
  const own = gatherRows(attributes, K, classes).map(zeroIfUnknown)
  const raw = gatherRows(descriptions.rawAttributes, K, classes)
  const pull = Float64Array.from({ length: K }, (_, k) => {
    let sum = 0
    for (let d = 0; d < D; d++) sum += weights[k * D + d] * image[d]
    return sum
  })
  const scoreOf = (row: Float32Array): number => row.reduce((sum, value, k) => sum + pull[k] * value, 0)
  const rowOf = (one: number): Float32Array => own.subarray(one * K, (one + 1) * K)
  const scores = Float32Array.from(classes, (_, one) => scoreOf(rowOf(one)))
  const scaled = rangesOf(gatherRows(attributes, K, classes), K)

  const rescored = (one: number, described: Float32Array): Promise<Float32Array> => {
    // As the training scaled its own: a row among those of the run, whose statistics do not change with it.
    const all = new Float32Array(descriptions.rawAttributes.length + K)
    all.set(descriptions.rawAttributes)
    all.set(described, descriptions.rawAttributes.length)
    const row = scaleAttributes(all, K, run.config.attributeScaling, context.seenClasses).subarray(-K)
    return Promise.resolve(scores.with(one, scoreOf(row.map(zeroIfUnknown))))
  }
  const attribute = (first: number, second: number): Promise<Attribution> => {
    const parts = (one: number, sign: number) => Float64Array.from(rowOf(one), (value, k) => sign * pull[k] * value)
    return Promise.resolve({ baseline: 0, throughFirst: parts(first, 1), throughSecond: parts(second, -1) })
  }
  return {
    ...{ classes: classesOf(context), scores, how, attribute, rescored, scoredAnew: rescored, flow: () => null },
    described: (one) => raw.subarray(one * K, (one + 1) * K),
    slopes: () => Promise.resolve(pull.map((one, k) => one * (scaled.high[k] - scaled.low[k]))),
  }
}

const zeroIfUnknown = (value: number): number => (Number.isNaN(value) ? 0 : value)
