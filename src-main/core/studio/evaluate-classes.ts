import type { ClassEvaluation } from '../../contract/index.ts'
import { findClasses } from '../datasets/index.ts'
import { classAccuracies, type ClassAccuracy } from '../evaluation/accuracy.ts'
import { calibratedStacking } from '../evaluation/calibrated-stacking.ts'
import { measure, type ScoreImages } from '../evaluation/measure.ts'
import type { OpenRun } from '../inference/open-run.ts'
import { extendModel, type Cast, type ExtendedModel } from './extend-model.ts'
import { featuresOf, imagesOfRun } from './run-images.ts'

/** Photos that a described class was given, and their scaled features, n×D. */
interface GivenPhotos {
  readonly id: string
  readonly features: Float32Array
}

/** All but what reading a table found. */
export type Measured = Omit<ClassEvaluation, 'findings'>

export interface EvaluateQuestion {
  readonly cast: Cast
  readonly given: readonly GivenPhotos[]
}

/** Images and the class of each, an index into the extended model. N×D, scaled. */
interface Labelled {
  readonly features: Float32Array
  readonly labels: Int32Array
}

/** T1, U, S and H with a cast (METHOD.md section 6), and how well each described class is told. */
export async function evaluateClasses(run: OpenRun, { cast, given }: EvaluateQuestion): Promise<Measured> {
  const extended = extend(run, cast)
  const { gamma } = run.run.result!.calibrated
  const labelled = await labelledImages(run, extended)
  const { T1, stacking, labels } = await measure(scoring(run, extended, labelled.features), {
    labels: labelled.labels,
    ...roles(run, extended, labelled.labels),
  })
  const found = byClass(classAccuracies(stacking.predictionsAt(gamma), labels))
  const alone = byClass(await photosByDescription(run, cast, given, gamma))
  const described = cast.described.map(({ name }, at) => {
    const one = run.context.classNames.length + at
    return {
      name,
      ...{ images: found.get(one)?.images ?? 0, accuracy: found.get(one)?.accuracy ?? null },
      ...{ photos: alone.get(one)?.images ?? 0, photosAccuracy: alone.get(one)?.accuracy ?? null },
    }
  })
  return { run: run.run.id, T1, gamma, ...stacking.accuraciesAt(gamma), described }
}

const extend = ({ model, context, descriptions, run }: OpenRun, cast: Cast): ExtendedModel =>
  extendModel({ model, context, descriptions, scaling: run.config.attributeScaling }, cast)

const scoring =
  ({ scorer }: OpenRun, { model, visual }: ExtendedModel, features: Float32Array): ScoreImages =>
  async (images, classes) =>
    (await scorer.span(model, classes, visual)).scores(features, images)

const byClass = (all: readonly ClassAccuracy[]) => new Map(all.map((one) => [one.class, one]))

function roles({ context: { seenClasses } }: OpenRun, { classes }: ExtendedModel, labels: Int32Array) {
  const seen = new Set(seenClasses)
  const rows = Int32Array.from(labels.keys())
  return {
    seenClasses,
    unseenClasses: classes.filter((one) => !seen.has(one)),
    testSeen: rows.filter((row) => seen.has(labels[row])),
    testUnseen: rows.filter((row) => !seen.has(labels[row])),
  }
}

/**
 * Images of the dataset, as it is now, that carry the name of a class that takes part: of a seen class its test images,
 * while the dataset is the one of the training; of any other class, which the run never saw, all that are not left out.
 */
async function labelledImages(run: OpenRun, { classes, list }: ExtendedModel): Promise<Labelled> {
  const stored = await imagesOfRun(run)
  if (stored === null) return { features: new Float32Array(), labels: new Int32Array() }
  const { manifest, splits, takenOut, labels } = stored
  const names = list.map(({ name }) => spoken(name))
  const place = findClasses(stored.classNames.map(spoken), names)
  const tested = new Set(manifest.contentHash === run.run.datasetHash ? splits.testSeen : [])
  const left = new Set(takenOut)
  const images = Int32Array.from(labels.keys()).filter((image) => {
    const at = place[labels[image]]
    return at !== null && !left.has(image) && (list[at].role !== 'seen' || tested.has(image))
  })
  const features = await featuresOf(run, stored, images)
  return { features, labels: images.map((image) => classes[place[labels[image]]!]) }
}

/** The page writes “087 Mallard” for the dataset's “087.Mallard”. */
const spoken = (name: string): string => name.replaceAll('.', ' ')

/** Accuracy on the photos that classes were given, while none of them has any. */
async function photosByDescription(
  run: OpenRun,
  { described, off }: Cast,
  given: readonly GivenPhotos[],
  gamma: number,
): Promise<ClassAccuracy[]> {
  if (given.length === 0) return []
  const photoless = described.map((one) => ({ ...one, visual: one.visual && { ...one.visual, photos: null } }))
  const extended = extend(run, { described: photoless, off })
  const D = run.widths.features
  const features = new Float32Array(given.reduce((sum, one) => sum + one.features.length, 0))
  const labels = new Int32Array(features.length / D)
  let row = 0
  for (const one of given) {
    features.set(one.features, row * D)
    const own = run.context.classNames.length + described.findIndex(({ id }) => id === one.id)
    labels.fill(own, row, (row += one.features.length / D))
  }
  const { classes } = extended
  const scores = await scoring(run, extended, features)(Int32Array.from(labels.keys()), classes)
  const stacking = calibratedStacking({ scores, classes, labels, seenClasses: run.context.seenClasses })
  return classAccuracies(stacking.predictionsAt(gamma), labels)
}
