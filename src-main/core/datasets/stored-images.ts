import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { datasetManifestSchema, type DatasetManifest } from '../../contract/index.ts'
import { npyHeader } from './formats/npy.ts'
import { createPhotoReader } from './photo-dataset/index.ts'
import { readStored, type Stored } from './stored.ts'

/** The images of a stored dataset, whose features stay on the disk. N images, D features. */
export interface StoredImages extends Pick<
  Stored,
  'manifest' | 'classNames' | 'labels' | 'imageFiles' | 'splits' | 'takenOut'
> {
  readonly trainval: Int32Array
  /** Whether the dataset is still the one that was opened. */
  isThere(): Promise<boolean>
  /** Features of some images, in this order: those that lie near each other are read together. */
  features(images: Int32Array): AsyncGenerator<Float32Array>
}

const pieceBytes = 4 * 2 ** 20
/** Rows that are sooner read than skipped. */
const gap = 16

/**
 * @param contentHash null: whatever it is by now.
 * @returns null where the dataset is gone, is not the one of this `contentHash` any more, or has no features.
 */
export async function openStoredImages(folder: string, contentHash: string | null): Promise<StoredImages | null> {
  try {
    const manifest = await manifestOf(folder)
    if (contentHash !== null && manifest.contentHash !== contentHash) return null
    return await readStored(folder, manifest, createPhotoReader(), (stored) =>
      Promise.resolve(imagesOf(folder, stored)),
    )
  } catch {
    // Damaged is as good as gone here; whoever opens the dataset itself is told.
    return null
  }
}

/** @returns null where it has no features. */
export function imagesOf(folder: string, { manifest, ...stored }: Stored): StoredImages | null {
  const { features: D } = manifest.counts
  if (D === null) return null
  return {
    ...{ ...stored, manifest, trainval: stored.splits.trainval },
    isThere: async () => (await manifestOf(folder).catch(() => null))?.contentHash === manifest.contentHash,
    features: (images: Int32Array) => featureRows(join(folder, 'features.npy'), images, stored.labels.length, D),
  }
}

const manifestOf = async (folder: string): Promise<DatasetManifest> =>
  datasetManifestSchema.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))

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
      const first = images[at]
      let next = at + 1
      while (images[next] > images[next - 1] && images[next] - images[next - 1] <= gap && images[next] < first + most)
        next++
      const length = 4 * D * (images[next - 1] - first + 1)
      for (let read = 0; read < length;) {
        const { bytesRead } = await file.read(bytes, read, length - read, offset + 4 * D * first + read)
        if (bytesRead === 0) throw new Error('features.npy ends too early.')
        read += bytesRead
      }
      for (; at < next; at++) yield piece.subarray((images[at] - first) * D, (images[at] - first + 1) * D)
    }
  } finally {
    await file.close()
  }
}
