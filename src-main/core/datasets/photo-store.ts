import { AppError, type DatasetEdit, type DatasetId, type DatasetManifest, type Finding } from '../../contract/index.ts'
import {
  appendPhotos,
  contentHash,
  editPhotos,
  photoPath,
  photosKey,
  replaceFeatures,
  stepInHistory,
  whole,
  type NewFeatures,
  type NewPhoto,
  type PhotoDataset,
  type PhotoReader,
} from './photo-dataset/index.ts'

export interface PhotoFiles {
  /** Names this list of photos: features are of it. */
  readonly key: string
  /** One for each photo's index, those taken out included. */
  readonly paths: readonly string[]
  readonly sha256: readonly string[]
}

/**
 * What can be done with a dataset of photos. Changes to one come one after another, each whole or not at all, and only
 * from the process that has the workspace open; others may read meanwhile.
 */
export interface PhotoStore {
  read(id: DatasetId): Promise<PhotoDataset>
  /** `contentHash` as it is before there are features: the same photos and tables have the same. */
  hashWithoutFeatures(id: DatasetId): Promise<string>
  files(id: DatasetId): Promise<PhotoFiles>
  edit(id: DatasetId, edits: readonly DatasetEdit[]): Promise<DatasetManifest>
  undo(id: DatasetId): Promise<DatasetManifest>
  redo(id: DatasetId): Promise<DatasetManifest>
  append(id: DatasetId, photos: readonly NewPhoto[], findings: readonly Finding[]): Promise<DatasetManifest>
  storeFeatures(id: DatasetId, features: NewFeatures): Promise<DatasetManifest>
}

export function createPhotoStore(options: {
  readonly reader: PhotoReader
  readonly folderOf: (id: DatasetId) => string
  /** @throws AppError where there is no such dataset. */
  readonly manifestOf: (id: DatasetId) => Promise<DatasetManifest>
  readonly exclusively: <T>(id: DatasetId, work: () => Promise<T>) => Promise<T>
  readonly damaged: (id: DatasetId, cause: unknown) => AppError
}): PhotoStore {
  const { reader, folderOf, manifestOf, exclusively, damaged } = options

  async function requirePhotos(id: DatasetId): Promise<string> {
    const { photos, name } = await manifestOf(id)
    if (photos) return folderOf(id)
    throw new AppError(
      'dataset/without-photos',
      `“${name}” came as features; it holds no photos and cannot be edited.`,
      {
        next: 'Drop a folder with the photos themselves.',
      },
    )
  }

  async function read(id: DatasetId): Promise<PhotoDataset> {
    const folder = await requirePhotos(id)
    return reader.read(folder, whole).catch((thrown: unknown) => {
      throw damaged(id, thrown)
    })
  }

  const change = (id: DatasetId, make: (folder: string) => Promise<void>): Promise<DatasetManifest> =>
    exclusively(id, async () => {
      // Read first, so that damaged files are told as such and never built upon.
      await read(id)
      await make(folderOf(id))
      return manifestOf(id)
    })

  return {
    read,
    hashWithoutFeatures: async (id) => contentHash((await read(id)).state, ''),
    async files(id) {
      const { state } = await read(id)
      const folder = folderOf(id)
      return {
        key: photosKey(state),
        paths: state.photos.map((photo) => photoPath(folder, photo)),
        sha256: state.photos.map(({ sha256 }) => sha256),
      }
    },
    edit: (id, edits) => change(id, (folder) => editPhotos(folder, reader, edits)),
    undo: (id) => change(id, (folder) => stepInHistory(folder, reader, -1)),
    redo: (id) => change(id, (folder) => stepInHistory(folder, reader, 1)),
    append: (id, photos, findings) => change(id, (folder) => appendPhotos(folder, reader, photos, findings)),
    storeFeatures: (id, features) => change(id, (folder) => replaceFeatures(folder, reader, features)),
  }
}
