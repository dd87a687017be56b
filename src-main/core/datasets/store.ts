import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { access, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AppError,
  datasetIdSchema,
  datasetManifestSchema,
  type DatasetDetail,
  type DatasetId,
  type DatasetManifest,
  type Matrix,
} from '../../contract/index.ts'
import { syncFolder, writeFileAtomic } from '../workspace/index.ts'
import type { Dataset } from './dataset.ts'
import { idsFor } from './ids.ts'
import { manifestBytes } from './manifest.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { createPhotoReader, finishChange } from './photo-dataset/index.ts'
import { createPhotoStore, type PhotoStore } from './photo-store.ts'
import { imagesOf, type StoredImages } from './stored-images.ts'
import { readFeatures, readStored, type Stored } from './stored.ts'

const unfinished = '.importing-'

/** The datasets of a workspace: `datasets/<id>/`, and `trash/datasets/<id>/` for what was removed. */
export interface DatasetStore {
  /** Where the datasets lie. */
  readonly directory: string
  /** Where the workspace keeps what can be made again. */
  readonly cache: string
  /** What only datasets of photos have: they can be edited. */
  readonly photos: PhotoStore
  folderOf(id: DatasetId): string
  /** Newest first. One whose manifest cannot be read is left out and told to `onDamaged`. */
  list(onDamaged?: (id: string) => void): DatasetManifest[]
  manifest(id: DatasetId): Promise<DatasetManifest>
  get(id: DatasetId): Promise<DatasetDetail>
  /** C×K as imported. */
  attributes(id: DatasetId): Promise<Matrix>
  /** `get` and `attributes` at one reading, with the images. */
  open(id: DatasetId): Promise<OpenedDataset>
  /** All of it, for training: the features take N·D·4 bytes, once. */
  load(id: DatasetId): Promise<Dataset>
  rename(id: DatasetId, name: string): Promise<DatasetManifest>
  /** Deletes it; for a copy of what is there already. */
  discard(id: DatasetId): Promise<void>
  /** Moves it to the trash. */
  remove(id: DatasetId): Promise<void>
  restore(id: DatasetId): Promise<DatasetManifest>
  /** Ids for a new dataset of this name, best first; those in the trash are taken too. */
  freeIds(name: string): Iterable<DatasetId>
  /** A folder for one import, on the same disk; not made yet. */
  workingFolder(token: string): string
  /** Removes what crashed imports left behind, and brings changes to their end that a crash cut. */
  removeUnfinished(): Promise<void>
}

export interface OpenedDataset {
  readonly detail: DatasetDetail
  readonly attributes: Matrix
  /** Their features stay on the disk; null where there are none. */
  readonly images: StoredImages | null
}

/** @param workspace folder of the workspace. Every command rejects with an AppError `dataset/…`. */
export function createDatasetStore(workspace: string): DatasetStore {
  const directory = join(workspace, 'datasets')
  const trash = join(workspace, 'trash', 'datasets')

  const folderOf = (id: DatasetId): string => join(directory, datasetIdSchema.parse(id))

  async function manifestOf(id: DatasetId): Promise<DatasetManifest> {
    const text = await readFile(join(folderOf(id), 'manifest.json'), 'utf8').catch(() => {
      throw new AppError('dataset/unknown', 'This dataset is not in the workspace.', { next: 'Import it again.' })
    })
    const manifest = parseManifest(id, text)
    if (manifest === null) throw damaged(id)
    return manifest
  }

  /** What `use` makes of a dataset, all of whose files are of one moment. */
  async function reading<T>(id: DatasetId, use: (stored: Stored) => Promise<T>): Promise<T> {
    const manifest = await manifestOf(id)
    try {
      return await readStored(folderOf(id), manifest, reader, use)
    } catch (thrown) {
      throw damaged(id, thrown)
    }
  }

  const exclusively = oneAtATime()
  const reader = createPhotoReader()
  const photos = createPhotoStore({ reader, folderOf, manifestOf, exclusively, damaged })

  return {
    ...{ directory, photos, folderOf, cache: join(workspace, 'cache') },

    list(onDamaged) {
      if (!existsSync(directory)) return []
      const manifests = readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
        if (!entry.isDirectory() || !datasetIdSchema.safeParse(entry.name).success) return []
        let manifest: DatasetManifest | null = null
        try {
          manifest = parseManifest(entry.name, readFileSync(join(directory, entry.name, 'manifest.json'), 'utf8'))
        } catch {
          // Told below.
        }
        if (manifest === null) onDamaged?.(entry.name)
        return manifest ?? []
      })
      return manifests.sort((a, b) => (a.importedAt < b.importedAt ? 1 : -1))
    },

    manifest: manifestOf,

    get: (id) => reading(id, (stored) => Promise.resolve(detailOf(stored))),

    attributes: (id) => reading(id, (stored) => Promise.resolve(attributesOf(stored))),

    open: (id) =>
      reading(id, (stored) =>
        Promise.resolve({
          ...{ detail: detailOf(stored), attributes: attributesOf(stored) },
          images: imagesOf(folderOf(id), stored),
        }),
      ),

    load: (id) =>
      reading(id, async (stored) => {
        const { manifest, classNames, attributeNames, attributeGroups, attributes, labels, splits, roles } = stored
        const { features } = manifest.counts
        const withRole = (role: string) => Int32Array.from(roles.flatMap((r, index) => (r === role ? [index] : [])))
        return {
          ...{ manifest, classNames, attributeNames, attributeGroups, labels, splits },
          attributes: Float32Array.from(attributes),
          features: features === null ? null : await readFeatures(folderOf(id), labels.length, features),
          ...{ seenClasses: withRole('seen'), unseenClasses: withRole('unseen') },
        }
      }),

    rename: (id, name) =>
      exclusively(id, async () => {
        const manifest = { ...(await manifestOf(id)), name }
        await writeFileAtomic(join(folderOf(id), 'manifest.json'), manifestBytes(manifest))
        return manifest
      }),

    discard: (id) => rm(folderOf(id), { recursive: true, force: true }),

    remove: (id) =>
      exclusively(id, async () => {
        await manifestOf(id)
        await mkdir(trash, { recursive: true })
        await rename(folderOf(id), join(trash, id))
        await syncFolder(directory)
      }),

    async restore(id) {
      await access(join(trash, datasetIdSchema.parse(id))).catch(() => {
        throw new AppError('dataset/not-in-trash', 'This dataset is not in the trash.', { next: 'Import it again.' })
      })
      await rename(join(trash, id), folderOf(id))
      await syncFolder(directory)
      return manifestOf(id)
    },

    *freeIds(name) {
      for (const id of idsFor(name)) {
        if (!existsSync(join(directory, id)) && !existsSync(join(trash, id))) yield id
      }
    },

    workingFolder: (token) => join(directory, unfinished + token),

    async removeUnfinished() {
      for (const name of await readdir(directory).catch(() => [])) {
        if (name.startsWith(unfinished)) await rm(join(directory, name), { recursive: true, force: true })
        // One that cannot be finished is told of as damaged when it is opened.
        else if (datasetIdSchema.safeParse(name).success)
          await finishChange(join(directory, name)).catch(() => undefined)
      }
    },
  }
}

function detailOf(stored: Stored): DatasetDetail {
  const { manifest, classNames, attributeNames, attributeGroups, attributes, roles, images, history } = stored
  const width = attributeNames.length
  return {
    ...manifest,
    ...{ attributeNames: [...attributeNames], attributeGroups: [...attributeGroups], history },
    classes: classNames.map((name, index) => ({
      ...{ index, name, role: roles[index], images: images[index] },
      unknownAttributes: attributes.subarray(index * width, (index + 1) * width).filter(Number.isNaN).length,
    })),
  }
}

const attributesOf = ({ classNames, attributeNames, attributes }: Stored): Matrix => ({
  ...{ rows: classNames.length, columns: attributeNames.length },
  values: Float32Array.from(attributes),
})

function parseManifest(id: string, text: string): DatasetManifest | null {
  try {
    // The folder's name is the identity, also of a folder that somebody copied.
    return { ...datasetManifestSchema.parse(JSON.parse(text)), id }
  } catch {
    return null
  }
}

function damaged(id: string, cause?: unknown): AppError {
  return new AppError('dataset/damaged', `The files of the dataset “${id}” in the workspace are damaged.`, {
    next: 'Remove it and import it again.',
    cause,
  })
}
