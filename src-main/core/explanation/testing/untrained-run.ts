import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { presets, type RunSummary, type TrainingConfig } from '../../../contract/index.ts'
import { openRun, type OpenRun } from '../../inference/open-run.ts'
import type { Model } from '../../inference/scorer.ts'
import { kMeans } from '../../method/k-means.ts'
import { createParameters, initialise } from '../../method/parameters.ts'
import { scaleAttributes, scaleFeatures } from '../../method/scaling.ts'
import { createRandom } from '../../random.ts'
import { contextOf, writeModel } from '../../training/stored-model.ts'
import { tinyDataset } from '../../training/testing/tiny-dataset.ts'

/** A stored run whose parameters nobody trained: an explanation has to add up all the same. */
export async function untrainedRun(
  over: Partial<TrainingConfig> = {},
  change: (model: Model) => Model = (model) => model,
): Promise<{ run: OpenRun; /** Scaled features of an image. */ image(at: number): Float32Array }> {
  const config: TrainingConfig = {
    ...presets.quick,
    ...{ hidden: 16, attentionWidth: 8, edgeNeighbours: 2, attentionSharpness: 3, ...over },
  }
  const dataset = tinyDataset()
  // Two values that nobody knows, one of a seen and one of an unseen class.
  dataset.attributes[2] = NaN
  dataset.attributes[dataset.attributes.length - 1] = NaN
  const context = contextOf(dataset, config)
  const [K, D] = [dataset.attributeNames.length, 12]
  const features = scaleFeatures(dataset.features!, D, config.featureScaling, dataset.splits.trainval)
  const { seenClasses } = dataset
  const attributes = scaleAttributes(dataset.attributes, K, config.attributeScaling, seenClasses)
  const random = createRandom(7)
  const model = change({
    parameters: initialise(createParameters(config, { attributes: K, features: D }), random),
    centres: kMeans(attributes.slice(0, seenClasses.length * K), K, config.semanticCentres, random),
    attributes,
    seenClasses,
    classMeans: meansOf(features, D, dataset.labels, dataset.splits.trainval, seenClasses),
  })
  const folder = await mkdtemp(join(tmpdir(), 'unseen-explanation-'))
  try {
    await writeModel(folder, model, context)
    const run = { config, datasetHash: dataset.manifest.contentHash } as RunSummary
    return {
      run: await openRun({ folder, run, dataset: null }),
      image: (at) => features.slice(at * D, (at + 1) * D),
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

function meansOf(
  features: Float32Array,
  D: number,
  labels: Int32Array,
  rows: Int32Array,
  classes: Int32Array,
): Float32Array {
  const means = new Float32Array(classes.length * D)
  classes.forEach((one, at) => {
    const own = rows.filter((row) => labels[row] === one)
    for (const row of own) for (let d = 0; d < D; d++) means[at * D + d] += features[row * D + d] / own.length
  })
  return means
}
