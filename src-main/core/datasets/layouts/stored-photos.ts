import { AppError, count, type Finding } from '../../../contract/index.ts'
import type { Dropped, DroppedFile } from '../dropped.ts'
import { readSmall } from '../formats/csv.ts'
import { fileFailure } from '../formats/failures.ts'
import { photoPath, readState, type PhotoState } from '../photo-dataset/index.ts'
import type { DatasetSource, Importer } from '../source.ts'

// A dataset of photos as this application keeps it (`datasets/<id>/`), copied from a workspace. What was taken out of it
// stays out; its features are made again, from the cache where it has them.

const kept = /^(.*\/)?photos\/[\da-f]{2}\/[\da-f]{64}\.[a-z]{3,4}$/

/** What the names of the dataset's files begin with; null where there is no such dataset. */
function prefixOf({ photos, files }: Dropped): string | null {
  for (const { name } of photos) {
    const match = kept.exec(name)
    if (match === null) continue
    const [, prefix = ''] = match
    return files.some((file) => file.name === `${prefix}images.csv`) ? prefix : null
  }
  return null
}

export const storedPhotos: Importer = {
  layout: 'image-folder',

  recognises: (dropped) => prefixOf(dropped) !== null,

  async read(dropped, signal): Promise<DatasetSource> {
    const prefix = prefixOf(dropped) ?? ''
    const state = await stateOf(dropped, prefix, signal)
    const files = new Map(dropped.photos.map((photo) => [photo.name, photo]))
    const photos: DroppedFile[] = []
    const labels: number[] = []
    const missing: string[] = []
    const positions = new Map<number, number>()
    state.photos.forEach((photo, index) => {
      if (photo.removed) return
      const file = files.get(prefix + photoPath('', photo).replaceAll('\\', '/'))
      if (file === undefined) {
        missing.push(photo.file)
        return
      }
      positions.set(index, photos.length)
      photos.push({ path: file.path, name: photo.file })
      labels.push(state.labels[index])
    })
    const those = (list: Int32Array): Float64Array =>
      Float64Array.from([...list].flatMap((index) => positions.get(index) ?? []))
    const { classNames, declaredUnseen, attributeNames, attributes, attributeGroups, splits } = state
    return {
      classNames,
      attributeNames,
      attributes,
      attributeGroups,
      labels: Float64Array.from(labels),
      imageFiles: null,
      photos,
      splits: {
        trainval: those(splits.trainval),
        testSeen: those(splits.testSeen),
        testUnseen: those(splits.testUnseen),
        train: splits.train && those(splits.train),
        validation: splits.validation && those(splits.validation),
      },
      unseenClasses: [...classNames.keys()].filter((index) => declaredUnseen[index]),
      features: null,
      findings: missing.length === 0 ? [] : [photosMissing(missing)],
    }
  },
}

async function stateOf(dropped: Dropped, prefix: string, signal: AbortSignal): Promise<PhotoState> {
  try {
    return await readState((name) => {
      const file = dropped.files.find((one) => one.name === prefix + name)
      if (file === undefined) throw new Error(`There is no ${name}.`)
      return readSmall(file, signal)
    })
  } catch (thrown) {
    signal.throwIfAborted()
    const failure = fileFailure(`${prefix}images.csv`, thrown)
    if (failure instanceof AppError) throw failure
    throw new AppError('dataset/damaged', 'The files of this dataset do not belong together.', {
      next: 'Copy the whole folder of the dataset again.',
      cause: thrown,
    })
  }
}

const photosMissing = (missing: readonly string[]): Finding => ({
  level: 'warning',
  code: 'dataset/photos-missing',
  message: `${count(missing.length, 'photo of this dataset is', 'photos of this dataset are')} not here.`,
  next: 'Copy the whole folder of the dataset again if you need them.',
  examples: missing.slice(0, 20),
})
