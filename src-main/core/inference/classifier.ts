import type { Classification, RunSummary } from '../../contract/index.ts'
import { createProducts, gatherRows } from '../compute/linear-algebra.ts'
import { createEngine } from '../devices/engines.ts'
import { eszslScores } from '../method/eszsl.ts'
import { scaleNewFeatures } from '../method/scaling.ts'
import { readEszslModel, readModel, readModelContext, type ModelContext } from '../training/stored-model.ts'
import { createScorer } from './scorer.ts'

/** A finished run's model over S ∪ U, for images that its dataset does not hold. */
export interface Classifier {
  /** Columns of the scores. */
  readonly classes: Classification['classes']
  /** D, length of a feature vector. */
  readonly dimension: number
  /** Features as the backbone gives them, B×D (scaled in place) → B×C. */
  scores(features: Float32Array): Promise<Float32Array>
  release(): Promise<void>
}

type Parts = Pick<Classifier, 'dimension' | 'scores' | 'release'>

/** @param folder of the run. Throws `run/no-model`. Needs nothing of the dataset, which may have changed since. */
export async function openClassifier(folder: string, run: Pick<RunSummary, 'method' | 'config'>): Promise<Classifier> {
  const context = await readModelContext(folder)
  const spanned = Int32Array.from([...context.seenClasses, ...context.unseenClasses]).sort()
  const parts = await (run.method === 'ipn' ? openIpn(folder, run, spanned) : openEszsl(folder, context, spanned))
  const { dimension } = parts
  return {
    classes: classesOf(context),
    dimension,
    scores: (features) =>
      parts.scores(scaleNewFeatures(features, dimension, run.config.featureScaling, context.statistics)),
    release: () => parts.release(),
  }
}

/** The classes that a run tells apart, S ∪ U in ascending order: what its predictions' indices mean. */
export function classesOf({ classNames, seenClasses, unseenClasses }: ModelContext): Classification['classes'] {
  const seen = new Set(seenClasses)
  return [...seenClasses, ...unseenClasses]
    .sort((a, b) => a - b)
    .map((one) => ({ name: classNames[one], role: seen.has(one) ? 'seen' : 'unseen', id: null }))
}

async function openIpn(folder: string, { config }: Pick<RunSummary, 'config'>, classes: Int32Array): Promise<Parts> {
  const model = await readModel(folder)
  const dimension = model.classMeans.length / model.seenClasses.length
  const widths = { attributes: model.centres.length / config.semanticCentres, features: dimension }
  const scorer = await createScorer(createEngine('cpu'), config, widths)
  const span = await scorer.span(model, classes)
  return {
    dimension,
    scores: (features) =>
      span.scores(
        features,
        Int32Array.from({ length: features.length / dimension }, (_, row) => row),
      ),
    release: () => scorer.release(),
  }
}

async function openEszsl(folder: string, { classNames }: ModelContext, classes: Int32Array): Promise<Parts> {
  const { weights, attributes } = await readEszslModel(folder)
  const width = attributes.length / classNames.length
  const dimension = weights.length / width
  const described = gatherRows(attributes, width, classes)
  const products = await createProducts(createEngine('cpu'))
  return {
    dimension,
    scores: (features) => eszslScores(products, weights, features, dimension, described, width),
    release: () => products.release(),
  }
}
