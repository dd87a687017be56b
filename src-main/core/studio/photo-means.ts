import { join } from 'node:path'
import { scaleNewFeatures } from '../method/scaling.ts'
import type { TrainingConfig } from '../../contract/index.ts'
import type { ModelContext } from '../training/stored-model.ts'
import { readSafetensors, writeSafetensors } from '../workspace/index.ts'
import type { BookClass } from './book.ts'
import { bookFiles } from './book-store.ts'
import type { MeanOf } from './cast.ts'

/** Means that are kept: a class is asked about many times while it is described. */
const mostKept = 64

/** Features of a photo beside it in `class-photos/`, as the run's backbone gave them. */
const featuresFile = (folder: string, sha256: string): string =>
  join(bookFiles(folder).photos, `${sha256}.features.safetensors`)

export const writePhotoFeatures = (folder: string, sha256: string, features: Float32Array): Promise<void> =>
  writeSafetensors(featuresFile(folder, sha256), { features: { data: features, shape: [features.length] } })

/** What a run makes of photos that were given to its classes; features are scaled. */
export interface PhotoFeatures {
  readonly meanOf: MeanOf
  /** n×D. */
  readonly rowsOf: (photos: BookClass['photos']) => Promise<Float32Array>
}

/** @param folder of the run. */
export function createPhotoFeatures(
  folder: string,
  { statistics }: Pick<ModelContext, 'statistics'>,
  scaling: TrainingConfig['featureScaling'],
): PhotoFeatures {
  const kept = new Map<string, Promise<Float32Array>>()
  const read = async (sha256: string): Promise<Float32Array> => {
    const { tensors } = await readSafetensors(featuresFile(folder, sha256))
    const features = Object.hasOwn(tensors, 'features') ? tensors.features.data : null
    if (!(features instanceof Float32Array)) throw new Error(`The features of ${sha256} are not what was written.`)
    return scaleNewFeatures(features, features.length, scaling, statistics)
  }
  const meanOf = async (hashes: readonly string[]): Promise<Float32Array> => {
    const rows = await Promise.all(hashes.map(read))
    return rows[0].map((_, d) => rows.reduce((sum, row) => sum + row[d], 0) / rows.length)
  }
  return {
    rowsOf: async (photos) => {
      const rows = await Promise.all(photos.map(({ sha256 }) => read(sha256)))
      const features = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0))
      rows.forEach((row, at) => features.set(row, at * row.length))
      return features
    },
    meanOf: async (photos) => {
      if (photos.length === 0) return null
      const hashes = photos.map(({ sha256 }) => sha256)
      const key = hashes.join()
      let mean = kept.get(key)
      if (!mean) {
        mean = meanOf(hashes)
        kept.set(key, mean)
        mean.catch(() => kept.delete(key))
        for (const old of [...kept.keys()].slice(0, -mostKept)) kept.delete(old)
      }
      return mean
    },
  }
}
