import { openStoredImages, type StoredImages } from '../datasets/index.ts'
import type { OpenRun } from '../inference/open-run.ts'
import { scaleNewFeatures } from '../method/scaling.ts'

/** The images of a run's dataset as it is now; null where their features are not what the run learned from. */
export async function imagesOfRun({ dataset, run, widths }: OpenRun): Promise<StoredImages | null> {
  const stored = dataset === null ? null : await openStoredImages(dataset, null)
  const sameFeatures =
    stored?.manifest.counts.features === widths.features && stored.manifest.backbone?.sha256 === run.backbone?.sha256
  return sameFeatures ? stored : null
}

/** Features of some of them, scaled as the run scales them, rows × D. */
export async function featuresOf(
  { run, context, widths: { features: D } }: OpenRun,
  stored: StoredImages,
  images: Int32Array,
): Promise<Float32Array> {
  const features = new Float32Array(images.length * D)
  let row = 0
  for await (const one of stored.features(images)) features.set(one, row++ * D)
  return scaleNewFeatures(features, D, run.config.featureScaling, context.statistics)
}
