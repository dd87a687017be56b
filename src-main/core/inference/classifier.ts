import type { Classification, RunSummary } from '../../contract/index.ts'
import { createProducts, gatherRows } from '../compute/linear-algebra.ts'
import { createEngine } from '../devices/engines.ts'
import { eszslScores } from '../method/eszsl.ts'
import { scaleNewFeatures } from '../method/scaling.ts'
import { extendModel, listCast, wholeCast, type Cast } from '../studio/extend-model.ts'
import {
  readClassDescriptions,
  readEszslModel,
  readModel,
  readModelContext,
  type ModelContext,
} from '../training/stored-model.ts'
import { createScorer } from './scorer.ts'

/** A finished run's model over S ∪ U and described classes, for images that its dataset does not hold. */
export interface Classifier {
  /** Columns of the scores. */
  readonly classes: Classification['classes']
  /** D, length of a feature vector. */
  readonly dimension: number
  /** Features as the backbone gives them, B×D (scaled in place) → B×C. */
  scores(features: Float32Array): Promise<Float32Array>
  release(): Promise<void>
}

/** How a model of either method is extended; which one it is does not matter. */
type Extend = <M extends { readonly attributes: Float32Array }>(model: M) => ReturnType<typeof extendModel<M>>

/**
 * @param folder of the run. Throws `run/no-model`, and `run/no-descriptions` where a class is described and the model is
 * of an earlier version. Needs nothing of the dataset, which may have changed since.
 */
export async function openClassifier(
  folder: string,
  run: Pick<RunSummary, 'method' | 'config'>,
  cast: Cast = wholeCast,
): Promise<Classifier> {
  const context = await readModelContext(folder)
  const descriptions = cast.described.length === 0 ? null : await readClassDescriptions(folder)
  const scaling = run.config.attributeScaling
  const extend: Extend = (model) => extendModel({ model, context, descriptions, scaling }, cast)
  const model = await (run.method === 'ipn' ? openIpn(folder, run, extend) : openEszsl(folder, context, extend))
  return {
    ...model,
    scores: (features) =>
      model.scores(scaleNewFeatures(features, model.dimension, run.config.featureScaling, context.statistics)),
  }
}

/** The classes that a run and described ones tell apart: what its predictions' indices mean. */
export const classesOf = (context: ModelContext, cast: Cast = wholeCast): Classification['classes'] =>
  listCast(context, cast).list

async function openIpn(folder: string, { config }: Pick<RunSummary, 'config'>, extend: Extend): Promise<Classifier> {
  const { model, classes, visual, list } = extend(await readModel(folder))
  const dimension = model.classMeans.length / model.seenClasses.length
  const widths = { attributes: model.centres.length / config.semanticCentres, features: dimension }
  const scorer = await createScorer(createEngine('cpu'), config, widths)
  const span = await scorer.span(model, classes, visual)
  return {
    classes: list,
    dimension,
    scores: (features) =>
      span.scores(
        features,
        Int32Array.from({ length: features.length / dimension }, (_, row) => row),
      ),
    release: () => scorer.release(),
  }
}

async function openEszsl(folder: string, { classNames }: ModelContext, extend: Extend): Promise<Classifier> {
  const own = await readEszslModel(folder)
  const width = own.attributes.length / classNames.length
  const { model, classes, list } = extend(own)
  const { weights, attributes } = model
  const dimension = weights.length / width
  const described = gatherRows(attributes, width, classes)
  const products = await createProducts(createEngine('cpu'))
  return {
    classes: list,
    dimension,
    scores: (features) => eszslScores(products, weights, features, dimension, described, width),
    release: () => products.release(),
  }
}
