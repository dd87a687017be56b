import { AppError, type Tray, type TraySource } from '../../contract/index.ts'
import { createExtractor, type BackboneSetup } from '../backbones/index.ts'
import type { StoredImages } from '../datasets/index.ts'
import type { OpenRun } from '../inference/open-run.ts'
import { scaleNewFeatures } from '../method/scaling.ts'
import { featuresOf, imagesOfRun } from './run-images.ts'

/** Where the photos of a tray are, with all that the process of the model needs to get at them. */
export type TrayPlace =
  | {
      readonly kind: 'dataset'
      readonly images: Extract<TraySource, { kind: 'dataset' }>['images']
      readonly limit: number
    }
  | {
      readonly kind: 'photos'
      readonly backbone: BackboneSetup
      readonly photos: readonly { readonly photo: number; readonly name: string; readonly path: string }[]
    }

/** Photos of a tray and their features, B×D, scaled as the run scales them. */
export interface TrayImages extends Pick<Tray, 'photos' | 'pictures'> {
  readonly features: Float32Array
}

/** Throws `tray/empty` and `tray/no-dataset`. */
export async function readTray(run: OpenRun, place: TrayPlace): Promise<TrayImages> {
  const images = await (place.kind === 'dataset' ? ofDataset(run, place) : ofPhotos(run, place))
  if (images.photos.length === 0) {
    throw new AppError('tray/empty', 'There are no such photos.', { next: 'Choose others, or drop some.' })
  }
  return images
}

async function ofDataset(
  open: OpenRun,
  { images, limit }: Extract<TrayPlace, { kind: 'dataset' }>,
): Promise<TrayImages> {
  const stored = await imagesOfRun(open)
  if (stored === null) {
    throw new AppError(
      'tray/no-dataset',
      `The features that this run learned from are not in “${open.run.datasetName}” any more.`,
      { next: 'Drop photos instead, or restore the dataset.' },
    )
  }
  const rows = spread(imagesOf(stored, images), limit)
  const imageFiles = await stored.imageFiles()
  return {
    photos: Array.from(rows, (photo) => ({ photo, name: imageFiles?.[photo] ?? `image ${photo + 1}` })),
    pictures: stored.manifest.photos,
    features: await featuresOf(open, stored, rows),
  }
}

/** Ascending. Unlabelled to the model: whatever it neither learned from nor was measured on. */
function imagesOf(
  { splits, labels, takenOut }: StoredImages,
  images: Extract<TrayPlace, { kind: 'dataset' }>['images'],
): Int32Array {
  const { trainval, testSeen, testUnseen } = splits
  switch (images) {
    case 'test-unseen':
      return testUnseen.toSorted()
    case 'test-seen':
      return testSeen.toSorted()
    case 'test':
      return Int32Array.from([...testSeen, ...testUnseen]).sort()
    case 'unlabelled': {
      const placed = new Set([...trainval, ...testSeen, ...testUnseen, ...takenOut])
      return Int32Array.from(labels.keys()).filter((image) => !placed.has(image))
    }
  }
}

/** At most `limit`, evenly over the list. */
function spread(images: Int32Array, limit: number): Int32Array {
  if (images.length <= limit) return images
  return Int32Array.from({ length: limit }, (_, at) => images[Math.floor((at * images.length) / limit)])
}

/** Dropped photos that can be read; their features are in the cache as a rule, since they have been looked at. */
async function ofPhotos(
  { widths: { features: D }, run, context }: OpenRun,
  { backbone, photos }: Extract<TrayPlace, { kind: 'photos' }>,
): Promise<TrayImages> {
  const extractor = await createExtractor({ ...backbone, signal: new AbortController().signal })
  try {
    const read: { photo: number; name: string; features: Float32Array }[] = []
    for await (const { at, features } of extractor.extract(photos)) {
      if (features) read.push({ photo: photos[at].photo, name: photos[at].name, features })
    }
    const matrix = new Float32Array(read.length * D)
    read.forEach(({ features }, row) => matrix.set(features, row * D))
    scaleNewFeatures(matrix, D, run.config.featureScaling, context.statistics)
    return { photos: read.map(({ photo, name }) => ({ photo, name })), pictures: true, features: matrix }
  } finally {
    await extractor.release()
  }
}
