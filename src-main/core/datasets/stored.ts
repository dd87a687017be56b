import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { ClassInfo, DatasetManifest, EditHistory } from '../../contract/index.ts'
import { arrays, readImageFiles } from './arrays.ts'
import { classRoles, type Splits } from './dataset.ts'
import { openFile } from './formats/byte-reader.ts'
import { npyHeader } from './formats/npy.ts'
import { judge } from './judge.ts'
import { photosPerClass, rolesOf, type PhotoReader } from './photo-dataset/index.ts'

/** A dataset of either kind as it lies on disk, all but the features. */
export interface Stored {
  readonly manifest: DatasetManifest
  readonly classNames: readonly string[]
  readonly attributeNames: readonly string[]
  readonly attributes: Float64Array
  readonly attributeGroups: readonly (string | null)[]
  readonly labels: Int32Array
  /** Reads the name of each image's file; null where they are not known. Few want them, and there are many. */
  imageFiles(): Promise<readonly string[] | null>
  /** Images that the person left out. */
  readonly takenOut: readonly number[]
  readonly splits: Splits
  readonly roles: readonly ClassInfo['role'][]
  /** Of each class. */
  readonly images: Int32Array
  readonly history: EditHistory
}

/** What `use` makes of a dataset; the files that it reads are of the same moment. @throws anything, where one is damaged. */
export async function readStored<T>(
  folder: string,
  manifest: DatasetManifest,
  reader: PhotoReader,
  use: (stored: Stored) => Promise<T>,
): Promise<T> {
  if (!manifest.photos) return use(await readArrays(folder, manifest))
  return reader.read(folder, async ({ state, history, manifest: read }) =>
    use({
      ...state,
      manifest: { ...read, id: manifest.id },
      imageFiles: () => Promise.resolve(state.photos.map(({ file: name }) => name)),
      takenOut: state.photos.flatMap(({ removed }, image) => (removed ? [image] : [])),
      roles: rolesOf(state),
      images: photosPerClass(state),
      history,
    }),
  )
}

/** Nobody cancels the reading of what is stored. */
const unhurried = new AbortController().signal

/** A dataset of features, checked as an import is. */
async function readArrays(folder: string, manifest: DatasetManifest): Promise<Stored> {
  const names = ['features.npy', 'labels.npy', 'attributes.csv', 'splits.json']
  const files = names.map((name) => ({ name, path: join(folder, name) })).filter(({ path }) => existsSync(path))
  const source = await arrays.read({ files, photos: [], findings: [] }, unhurried)
  const { counts, findings, labels: known, splits } = judge(source)
  if (findings.some(({ level }) => level === 'problem')) throw new Error('A problem was found.')
  const { classes, images: count, features } = manifest.counts
  if (counts.classes !== classes || counts.images !== count || counts.features !== features) {
    throw new Error('The manifest belongs to other files.')
  }
  const labels = known ?? new Int32Array()
  const images = new Int32Array(classes)
  for (const label of labels) images[label]++
  return {
    manifest,
    ...{ classNames: source.classNames, attributeNames: source.attributeNames, attributes: source.attributes },
    attributeGroups: source.attributeNames.map(() => null),
    imageFiles: () => readImageFiles({ name: 'images.csv', path: join(folder, 'images.csv') }, count, unhurried),
    takenOut: [],
    ...{ labels, splits, images, roles: classRoles(classes, labels, splits) },
    history: { undo: null, redo: null },
  }
}

/**
 * Rows × columns of 32-bit floats, read straight into the array that is returned. Its memory may be shared: the threads of
 * a training all learn from the one copy.
 */
export async function readFeatures(folder: string, rows: number, columns: number): Promise<Float32Array> {
  const file = { path: join(folder, 'features.npy'), name: 'features.npy' }
  const { shape, offset, type, fortranOrder, bigEndian } = await npyHeader(file)
  const ours = type === 'f4' && !fortranOrder && !bigEndian
  if (!ours || shape.length !== 2 || shape[0] !== rows || shape[1] !== columns) {
    throw new Error('features.npy is not what was written.')
  }
  const features = new Float32Array(new SharedArrayBuffer(rows * columns * Float32Array.BYTES_PER_ELEMENT))
  const bytes = new Uint8Array(features.buffer)
  const { handle } = await openFile(file)
  try {
    for (let read = 0; read < bytes.length;) {
      // One read takes at most 2 GiB.
      const length = Math.min(2 ** 28, bytes.length - read)
      const { bytesRead } = await handle.read(bytes, read, length, offset + read)
      if (bytesRead === 0) throw new Error('features.npy ends too early.')
      read += bytesRead
    }
  } finally {
    await handle.close()
  }
  return features
}
