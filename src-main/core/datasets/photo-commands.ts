import {
  AppError,
  photoPlaceSchema,
  type AddedPhotos,
  type Backend,
  type DatasetDetail,
  type DatasetId,
  type DatasetManifest,
  type PhotoPlace,
  type PhotoTable,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { thumbnail } from '../photos/index.ts'
import {
  createThumbnailCache,
  limit,
  photoPath,
  suggestUnseen,
  type AdditionInput,
  type NewFeatures,
  type PhotoState,
} from './photo-dataset/index.ts'
import type { PhotoFiles } from './photo-store.ts'
import type { DatasetStore } from './store.ts'
import { endWhenSilent } from './watch.ts'

export type PhotoCommands = Pick<
  Backend,
  | 'getPhotos'
  | 'getThumbnails'
  | 'getPhoto'
  | 'addPhotos'
  | 'readAttributeTable'
  | 'editDataset'
  | 'undoEdit'
  | 'redoEdit'
  | 'suggestUnseen'
> & {
  photoFiles(dataset: DatasetId): Promise<PhotoFiles>
  /** Adds photos to a class each, as one step of undo. */
  keepPhotos(
    dataset: DatasetId,
    photos: readonly { readonly path: string; readonly name: string; readonly class: number }[],
  ): Promise<AddedPhotos>
  /** Takes over a finished features file. @throws `dataset/changed-meanwhile` where it is of other photos by now. */
  storeFeatures(dataset: DatasetId, features: NewFeatures): Promise<DatasetManifest>
}

/** Longest side of a photo that fills the window, pixels. */
const largePicture = 1600

/** The part of the dataset commands that only datasets of photos have. */
export function photoCommands(
  { workspace, jobs, grants }: BackendContext,
  {
    store,
    changed,
    withWorkingFolder,
  }: {
    readonly store: DatasetStore
    readonly changed: (manifest: DatasetManifest) => DatasetManifest
    readonly withWorkingFolder: <T>(use: (working: string) => Promise<T>) => Promise<T>
  },
): PhotoCommands {
  const { photos } = store
  const thumbnails = createThumbnailCache(workspace.cache)
  const oneLarge = limit(1)

  async function detailOf(manifest: DatasetManifest): Promise<DatasetDetail> {
    changed(manifest)
    return store.get(manifest.id)
  }

  async function add(
    dataset: DatasetId,
    given: (names: readonly string[]) => AdditionInput['photos'],
  ): Promise<AddedPhotos> {
    const { manifest, state } = await photos.read(dataset)
    const known = state.photos.flatMap(({ sha256, removed }) => (removed ? [] : [sha256]))
    return withWorkingFolder(async (working) => {
      const input = { working, cache: workspace.cache, known, photos: given(state.classNames) }
      const { photos: added, findings } = await endWhenSilent((onProgress) =>
        jobs.run('add-photos', input, { ...{ kind: 'import', title: manifest.name, dataset }, onProgress }),
      )
      const detail = await detailOf(await photos.append(dataset, added, findings))
      return { dataset: detail, added: added.length, leftOut: [...findings] }
    })
  }

  return {
    photoFiles: (dataset) => photos.files(dataset),
    keepPhotos: (dataset, chosen) =>
      add(dataset, (names) =>
        chosen.map(({ path, name, class: index }) => ({ path, name, class: classOf(names, index) })),
      ),
    storeFeatures: async (dataset, features) => changed(await photos.storeFeatures(dataset, features)),

    getPhotos: async ({ dataset }) => tableOf((await photos.read(dataset)).state),

    getThumbnails: async ({ dataset, photos: indices }) => {
      const { state } = await photos.read(dataset)
      return Promise.all(
        indices.map((index) => {
          const photo = photoOf(state, index)
          return thumbnails.get(photo.sha256, photoPath(store.folderOf(dataset), photo))
        }),
      )
    },

    getPhoto: async ({ dataset, photo: index }) => {
      const { state } = await photos.read(dataset)
      const path = photoPath(store.folderOf(dataset), photoOf(state, index))
      return new Uint8Array(await oneLarge(() => thumbnail(path, largePicture)))
    },

    addPhotos: ({ dataset, class: index, grants: ids }) =>
      add(dataset, (names) => ({ paths: ids.map((id) => grants.resolve(id)), class: classOf(names, index) })),

    readAttributeTable: async ({ dataset, grants: ids }) => {
      const { manifest, state } = await photos.read(dataset)
      const { classNames, attributeNames } = state
      const paths = ids.map((id) => grants.resolve(id))
      return withWorkingFolder((working) =>
        endWhenSilent((onProgress) =>
          jobs.run(
            'read-attributes',
            { paths, working, classNames, attributeNames },
            { ...{ kind: 'inspect', title: manifest.name, dataset }, onProgress },
          ),
        ),
      )
    },

    editDataset: async ({ dataset, edits }) => detailOf(await photos.edit(dataset, edits)),
    undoEdit: async ({ dataset }) => detailOf(await photos.undo(dataset)),
    redoEdit: async ({ dataset }) => detailOf(await photos.redo(dataset)),

    suggestUnseen: async ({ dataset, count }) => ({
      classes: await suggestUnseen((await photos.read(dataset)).state, count),
    }),
  }
}

function photoOf({ photos }: PhotoState, index: number): PhotoState['photos'][number] {
  if (index < photos.length) return photos[index]
  throw new AppError('dataset/unknown-photo', `There is no photo with the number ${index}.`, {
    next: 'The dataset has changed since. Look at it again.',
  })
}

function classOf(names: readonly string[], index: number): string {
  if (index < names.length) return names[index]
  throw new AppError('dataset/unknown-class', `There is no class with the number ${index}.`, {
    next: 'The dataset has changed since. Look at it again.',
  })
}

function tableOf({ photos, labels, splits }: PhotoState): PhotoTable {
  const places = new Int32Array(photos.length)
  const placed = (images: Iterable<number>, place: PhotoPlace): void => {
    const code = photoPlaceSchema.options.indexOf(place)
    for (const image of images) places[image] = code
  }
  for (const list of ['trainval', 'testSeen', 'testUnseen'] as const) placed(splits[list], list)
  placed(
    photos.flatMap(({ removed }, index) => (removed ? [index] : [])),
    'removed',
  )
  return {
    files: photos.map(({ file }) => file),
    ...{ labels: Int32Array.from(labels), places },
    widths: Int32Array.from(photos, ({ width }) => width),
    heights: Int32Array.from(photos, ({ height }) => height),
  }
}
