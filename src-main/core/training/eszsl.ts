import { AppError, type Confidence, type TrainingConfig } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { createProducts, gatherRows, type Products } from '../compute/linear-algebra.ts'
import type { Dataset } from '../datasets/index.ts'
import { meanOf } from '../evaluation/accuracy.ts'
import { fitConfidence } from '../evaluation/confidence.ts'
import {
  carriedConfidence,
  describeHoldOuts,
  gammaRatio,
  judgeHoldOut,
  spread,
  summariseHoldOuts,
  type HoldOutOutcome,
  type RunFigures,
} from '../evaluation/held-out.ts'
import { measure, type Measured, type ScoreImages } from '../evaluation/measure.ts'
import { eszslScores, prepareEszsl, type EszslRidges, type EszslWeights } from '../method/eszsl.ts'
import type { LearningData } from '../method/learning-data.ts'
import { scaleAttributes, scaleFeatures } from '../method/scaling.ts'
import { createRandom } from '../random.ts'
import { createProtocol, type HoldOut, type TrainingLists } from './protocol.ts'

/** Both ridges, in units of the mean diagonal of the matrix that they are added to. */
const ridges = [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000]
const scoredImages = 1000 // training images whose scores give γ its scale (METHOD.md section 12)

export interface EszslRun {
  readonly dataset: Dataset
  readonly config: Pick<TrainingConfig, 'featureScaling' | 'attributeScaling' | 'holdOuts'>
  readonly seed: number
  readonly engine: Engine
  /** 0 to 1, and one short line. */
  readonly report: (progress: number, message: string) => void
  readonly signal: AbortSignal
}

export interface EszslModel {
  readonly weights: EszslWeights
  /** C×K, scaled. */
  readonly attributes: Float32Array
}

export interface EszslOutcome {
  readonly model: EszslModel
  readonly ridges: EszslRidges
  readonly gamma: number
  readonly confidence: Confidence | null
  readonly measured: Measured
  readonly figures: RunFigures
}

/** A pair of ridges on one hold-out. */
interface Trial {
  readonly measured: Pick<Measured, 'T1' | 'stacking'>
  /** Of the scores of training images. */
  readonly deviation: number
  /** Of images that the hold-out measures on. */
  readonly score: ScoreImages
  readonly gamma: number
  /** At this hold-out's own γ*. */
  readonly H: number
}

/**
 * The baseline by the same protocol as IPN (METHOD.md section 12): both ridges are those with the best mean H on the class
 * hold-outs, γ is carried over from there, and the test is opened once. null when it was told to stop.
 */
export async function runEszsl(run: EszslRun): Promise<EszslOutcome | null> {
  const { dataset, config, seed, report, signal } = run
  const protocol = createProtocol(dataset, { holdOuts: config.holdOuts, seed })
  const holdOuts = protocol.holdOuts()
  const final = protocol.final()
  const products = await createProducts(run.engine)
  const prepare = preparation(dataset, config)
  const parts = holdOuts.length * ridges.length + 1
  try {
    const trials: Trial[][] = []
    for (const [at, holdOut] of holdOuts.entries()) {
      const onThis = tryRidges(products, prepare(holdOut), holdOut, seed, (done) => {
        report((at * ridges.length + done) / parts, `Hold-out ${at + 1} of ${holdOuts.length}`)
      })
      const found: Trial[] = []
      for await (const trial of onThis) {
        if (signal.aborted) return null
        found.push(trial)
      }
      trials.push(found)
    }
    const best = bestPair(trials)
    const outcomes: HoldOutOutcome[] = []
    for (const [at, onOne] of trials.entries()) {
      const { measured, deviation, gamma, score } = onOne[best]
      const images = { ...holdOuts[at], labels: dataset.labels }
      const confidence = await fitConfidence(score, images, gamma, deviation)
      outcomes.push(
        judgeHoldOut(measured.stacking, {
          ...{ T1: measured.T1 ?? 0, deviation, gamma, confidence },
          ...{ classes: [], firstPhotos: null },
        }),
      )
    }

    report((parts - 1) / parts, 'Final training')
    const chosen = { features: ridges[Math.floor(best / ridges.length)], attributes: ridges[best % ridges.length] }
    const data = prepare(final)
    const model = { weights: await (await prepareEszsl(products, data)).weights(chosen), attributes: data.attributes }
    const score = (images: Int32Array, classes: Int32Array) => scoreEszsl(products, model, data, images, classes)
    const scale = spread(await score(someOf(final.train, seed), allClasses(final)))
    if (signal.aborted) return null

    const measured = await measure(score, { ...final, ...protocol.openTest(), labels: dataset.labels })
    return {
      model,
      ridges: chosen,
      gamma: gammaRatio(outcomes) * scale,
      confidence: carriedConfidence(outcomes, scale),
      measured,
      figures: {
        episodes: 0,
        parameters: model.weights.length,
        ...summariseHoldOuts(outcomes),
        ...{ heldOutClasses: [], firstPhotos: null, graph: null },
        selection: `Both ridges and γ were chosen on ${describeHoldOuts(holdOuts.length)}. No test image was used.`,
      },
    }
  } finally {
    await products.release()
  }
}

/** Measures a stored model again on the dataset's test images. */
export async function measureEszsl(
  engine: Engine,
  model: EszslModel,
  dataset: Dataset,
  config: EszslRun['config'],
): Promise<Measured> {
  const { labels, splits, seenClasses, unseenClasses } = dataset
  const products = await createProducts(engine)
  try {
    const data = preparation(dataset, config)({ seenClasses, unseenClasses, train: splits.trainval })
    const score = (images: Int32Array, classes: Int32Array) => scoreEszsl(products, model, data, images, classes)
    const { testSeen, testUnseen } = splits
    return await measure(score, { labels, seenClasses, unseenClasses, testSeen, testUnseen })
  } finally {
    await products.release()
  }
}

/** Scores of images of the dataset over some classes. */
function scoreEszsl(
  products: Products,
  model: EszslModel,
  data: LearningData,
  images: Int32Array,
  classes: Int32Array,
) {
  const { featureWidth, attributeWidth } = data
  const described = gatherRows(model.attributes, attributeWidth, classes)
  return eszslScores(
    products,
    model.weights,
    gatherRows(data.features, featureWidth, images),
    featureWidth,
    described,
    attributeWidth,
  )
}

/** Every pair of ridges on one hold-out, the features' ridge varying slowest. */
async function* tryRidges(
  products: Products,
  data: LearningData,
  holdOut: HoldOut,
  seed: number,
  report: (featureRidgesDone: number) => void,
): AsyncGenerator<Trial> {
  const { featureWidth: D, features } = data
  const S = holdOut.seenClasses.length
  const classes = allClasses(holdOut)
  const eszsl = await prepareEszsl(products, data)
  const attributeSides: Float32Array[] = []
  for (const ridge of ridges) attributeSides.push(await eszsl.attributeSide(ridge, classes))

  const testImages = Int32Array.from([...holdOut.testSeen, ...holdOut.testUnseen])
  const testRows = new Map(Array.from(testImages, (image, row) => [image, row]))
  const test = gatherRows(features, D, testImages)
  const train = gatherRows(features, D, someOf(holdOut.train, seed))
  const columns = new Map(Array.from(classes, (one, column) => [one, column]))
  for (const [done, ridge] of ridges.entries()) {
    report(done)
    const featureSide = eszsl.featureSide(ridge)
    const testSide = await products.timesTransposed(test, featureSide, D)
    const trainSide = await products.timesTransposed(train, featureSide, D)
    for (const attributeSide of attributeSides) {
      const score = (images: Int32Array, wanted: Int32Array) =>
        products.timesTransposed(
          gatherRows(
            testSide,
            S,
            images.map((image) => testRows.get(image)!),
          ),
          wanted.length === classes.length
            ? attributeSide
            : gatherRows(
                attributeSide,
                S,
                wanted.map((one) => columns.get(one) ?? 0),
              ),
          S,
        )
      const { T1, stacking } = await measure(score, { ...holdOut, labels: data.labels })
      const gamma = stacking.suggestedGamma()
      const H = stacking.accuraciesAt(gamma).H ?? 0
      const deviation = spread(await products.timesTransposed(trainSide, attributeSide, S))
      yield { measured: { T1, stacking }, deviation, score, gamma, H }
    }
  }
}

/** Index of the pair with the best mean H over the hold-outs; the first one of several. */
function bestPair(trials: readonly (readonly Trial[])[]): number {
  const means = trials[0].map((_, pair) => meanOf(trials.map((onOne) => onOne[pair].H)))
  return means.indexOf(Math.max(...means))
}

/** Scaling statistics come from the images and seen classes of each training. */
function preparation(dataset: Dataset, config: EszslRun['config']): (lists: TrainingLists) => LearningData {
  const { labels, attributes, features } = dataset
  if (!features) {
    throw new AppError('training/no-features', 'This dataset has attributes and splits, but no image features.', {
      next: 'Import it again from a folder that also holds its features.',
    })
  }
  const featureWidth = features.length / labels.length
  const attributeWidth = dataset.attributeNames.length
  const scale = (rows: Int32Array) => scaleFeatures(features, featureWidth, config.featureScaling, rows)
  const shared = config.featureScaling === 'standard' ? null : scale(new Int32Array())
  return ({ train, seenClasses }) => ({
    features: shared ?? scale(train),
    featureWidth,
    labels,
    attributes: scaleAttributes(attributes, attributeWidth, config.attributeScaling, seenClasses),
    attributeWidth,
    rows: train,
    seenClasses,
  })
}

const allClasses = ({ seenClasses, unseenClasses }: TrainingLists): Int32Array =>
  Int32Array.from([...seenClasses, ...unseenClasses]).sort()

function someOf(rows: Int32Array, seed: number): Int32Array {
  const count = Math.min(scoredImages, rows.length)
  return createRandom(seed)
    .fork('score scale')
    .sample(rows.length, count)
    .map((at) => rows[at])
}
