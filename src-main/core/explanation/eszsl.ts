import type { RunPlace } from '../inference/open-run.ts'
import { extendModel, type Cast } from '../studio/extend-model.ts'
import type { EszslModel } from '../training/eszsl.ts'
import type { ClassDescriptions, ModelContext } from '../training/stored-model.ts'
import { describedBy, rangesOf, scaledBeside, type Attribution, type Explainable } from './explainable.ts'

/** A finished ESZSL run. */
export interface OpenEszsl extends RunPlace {
  readonly model: EszslModel
  readonly context: ModelContext
  readonly descriptions: ClassDescriptions
}

const how = 'Exact: a score of ESZSL is a sum over the attributes of a class.'

/**
 * A score is xᵀ V a: each attribute's part of it is its value times (xᵀ V)_k; one that is unknown counts as 0.
 * @param image scaled features, D.
 */
export function explainEszsl(open: OpenEszsl, cast: Cast, image: Float32Array): Explainable {
  const { run, context, descriptions } = open
  const K = descriptions.attributeNames.length
  const D = image.length
  const scaling = run.config.attributeScaling
  const { model, classes, list } = extendModel({ model: open.model, context, descriptions, scaling }, cast)
  const { weights, attributes } = model
  const pull = Float64Array.from({ length: K }, (_, k) => {
    let sum = 0
    for (let d = 0; d < D; d++) sum += weights[k * D + d] * image[d]
    return sum
  })
  const partsOf = (row: Float32Array): Float64Array =>
    Float64Array.from(row, (value, k) => (Number.isNaN(value) ? 0 : pull[k] * value))
  const scoreOf = (row: Float32Array): number => partsOf(row).reduce((sum, part) => sum + part, 0)
  const rowOf = (one: number): Float32Array => attributes.subarray(classes[one] * K, (classes[one] + 1) * K)
  const scores = Float32Array.from(classes, (_, one) => scoreOf(rowOf(one)))
  const scaled = rangesOf(open.model.attributes, K)

  const rescored = (one: number, described: Float32Array): Promise<Float32Array> =>
    Promise.resolve(scores.with(one, scoreOf(scaledBeside(described, descriptions, scaling, context.seenClasses))))
  const attribute = (first: number, second: number): Promise<Attribution> =>
    Promise.resolve({
      baseline: 0,
      throughFirst: partsOf(rowOf(first)),
      throughSecond: partsOf(rowOf(second)).map((part) => (part === 0 ? 0 : -part)),
    })
  return {
    ...{ classes: list, scores, how, attribute, rescored, scoredAnew: rescored, flow: () => null },
    described: (one) => describedBy(classes[one], descriptions, cast),
    slopes: () => Promise.resolve(pull.map((one, k) => one * (scaled.high[k] - scaled.low[k]))),
  }
}
