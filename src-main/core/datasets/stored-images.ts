import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { datasetManifestSchema } from '../../contract/index.ts'
import { npyHeader } from './formats/npy.ts'
import { createPhotoReader } from './photo-dataset/index.ts'
import { readStored, type Stored } from './stored.ts'

/** The images of a stored dataset, whose features stay on the disk. N images, D features. */
export interface StoredImages extends Pick<
  Stored,
  'manifest' | 'classNames' | 'labels' | 'imageFiles' | 'splits' | 'takenOut'
> {
  readonly trainval: Int32Array
  /** Features of some images, in this order: those that lie together are read together. */
  features(images: Int32Array): AsyncGenerator<Float32Array>
}

const pieceBytes = 4 * 2 ** 20

/**
 * @param contentHash null: whatever it is by now.
 * @returns null where the dataset is gone, is not the one of this `contentHash` any more, or has no features.
 */
export async function openStoredImages(folder: string, contentHash: string | null): Promise<StoredImages | null> {
  try {
    const manifest = datasetManifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
    const { features: D } = manifest.counts
    if ((contentHash !== null && manifest.contentHash !== contentHash) || D === null) return null
    return await readStored(folder, manifest, createPhotoReader(), ({ splits, ...stored }) =>
      Promise.resolve({
        ...{ ...stored, splits, trainval: splits.trainval },
        features: (images: Int32Array) => featureRows(join(folder, 'features.npy'), images, stored.labels.length, D),
      }),
    )
  } catch {
    // Damaged is as good as gone here; whoever opens the dataset itself is told.
    return null
  }
}

/** A piece at a time, which takes some megabytes however large the file is; a row is valid until the next is asked for. */
async function* featureRows(path: string, images: Int32Array, N: number, D: number): AsyncGenerator<Float32Array> {
  const { shape, offset, type } = await npyHeader({ path, name: 'features.npy' })
  if (type !== 'f4' || shape[0] !== N || shape[1] !== D) throw new Error('features.npy is not what was written.')
  const most = Math.max(1, Math.floor(pieceBytes / (4 * D)))
  const piece = new Float32Array(most * D)
  const bytes = new Uint8Array(piece.buffer)
  const file = await open(path)
  try {
    for (let at = 0; at < images.length;) {
      let count = 1
      while (count < most && images[at + count] === images[at] + count) count++
      for (let read = 0; read < count * D * 4;) {
        const place = offset + 4 * D * images[at] + read
        const { bytesRead } = await file.read(bytes, read, count * D * 4 - read, place)
        if (bytesRead === 0) throw new Error('features.npy ends too early.')
        read += bytesRead
      }
      for (let row = 0; row < count; row++) yield piece.subarray(row * D, (row + 1) * D)
      at += count
    }
  } finally {
    await file.close()
  }
}
