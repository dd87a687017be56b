import { AppError, grouped } from '../../contract/index.ts'
import { createExtractor, type BackboneSetup } from '../backbones/index.ts'
import type { StoredImages } from '../datasets/index.ts'

/** An image as it crosses to the process that explains: the backend knows where photos lie. */
export type ImagePlace =
  | { readonly kind: 'photo'; readonly path: string; readonly backbone: BackboneSetup }
  | { readonly kind: 'dataset'; readonly image: number }

/** Its features, unscaled. Throws `explain/dataset-changed`, `explain/no-such-image`, and what a photo that cannot be read throws. */
export async function featuresOf(place: ImagePlace, stored: StoredImages | null): Promise<Float32Array> {
  if (place.kind === 'photo') return featuresOfPhoto(place.path, place.backbone)
  if (stored === null) {
    throw new AppError(
      'explain/dataset-changed',
      'The dataset is gone, or is not the one any more that this run learned from.',
      {
        next: 'Train again on it as it is now, or drop the photos on Classify.',
      },
    )
  }
  if (place.image >= stored.labels.length) {
    throw new AppError('explain/no-such-image', `The dataset has no image ${place.image}.`, {
      next: `It has ${grouped(stored.labels.length)}, counted from 0.`,
    })
  }
  for await (const row of stored.features(Int32Array.of(place.image))) return row.slice()
  throw new Error('An image has one row of features.')
}

/** Of a photo that was classified the cache knows them. */
async function featuresOfPhoto(path: string, backbone: BackboneSetup): Promise<Float32Array> {
  const extractor = await createExtractor({ ...backbone, signal: new AbortController().signal })
  try {
    for await (const { features, error } of extractor.extract([{ path }])) {
      if (features !== null) return features
      throw error!
    }
    throw new Error('A photo has one row of features.')
  } finally {
    await extractor.release()
  }
}
