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
import { arrays } from './arrays.ts'
import { classRoles, type Dataset } from './dataset.ts'
import { openFile } from './formats/byte-reader.ts'
import { npyHeader } from './formats/npy.ts'
import { idsFor } from './ids.ts'
import { judge, type Judgement } from './judge.ts'
import type { DatasetSource } from './source.ts'

const unfinished = '.importing-'

/** The datasets of a workspace: `datasets/<id>/`, and `trash/datasets/<id>/` for what was removed. */
export interface DatasetStore {
  /** Where the datasets lie. */
  readonly directory: string
  /** Newest first. One whose manifest cannot be read is left out and told to `onDamaged`. */
  list(onDamaged?: (id: string) => void): DatasetManifest[]
  get(id: DatasetId): Promise<DatasetDetail>
  /** C×K as imported. */
  attributes(id: DatasetId): Promise<Matrix>
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
  /** Removes what crashed imports left behind. */
  removeUnfinished(): Promise<void>
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

  /** Everything but the features, checked as an import is. */
  async function read(
    id: DatasetId,
  ): Promise<{ manifest: DatasetManifest; source: DatasetSource; judgement: Judgement }> {
    const manifest = await manifestOf(id)
    const folder = folderOf(id)
    const names = ['features.npy', 'labels.npy', 'attributes.csv', 'splits.json']
    const files = names.map((name) => ({ name, path: join(folder, name) })).filter(({ path }) => existsSync(path))
    try {
      const source = await arrays.read({ files, photos: [], findings: [] }, new AbortController().signal)
      const judgement = judge(source)
      const { counts } = judgement
      const problem = judgement.findings.some((finding) => finding.level === 'problem')
      if (problem || counts.classes !== manifest.counts.classes || counts.images !== manifest.counts.images)
        throw damaged(id)
      return { manifest, source, judgement }
    } catch (thrown) {
      throw damaged(id, thrown)
    }
  }

  return {
    directory,

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

    async get(id) {
      const { manifest, source, judgement } = await read(id)
      const { classNames, attributeNames, attributes } = source
      const labels = judgement.labels ?? new Int32Array()
      const roles = classRoles(classNames.length, labels, judgement.splits)
      const images = new Int32Array(classNames.length)
      for (const label of labels) images[label]++
      const width = attributeNames.length
      return {
        ...manifest,
        attributeNames: [...attributeNames],
        classes: classNames.map((name, index) => ({
          index,
          name,
          role: roles[index],
          images: images[index],
          unknownAttributes: attributes.subarray(index * width, (index + 1) * width).filter(Number.isNaN).length,
        })),
      }
    },

    async attributes(id) {
      const { source } = await read(id)
      const { classNames, attributeNames, attributes } = source
      return { rows: classNames.length, columns: attributeNames.length, values: Float32Array.from(attributes) }
    },

    async load(id) {
      const { manifest, source, judgement } = await read(id)
      const { classNames, attributeNames } = source
      const labels = judgement.labels ?? new Int32Array()
      const roles = classRoles(classNames.length, labels, judgement.splits)
      const withRole = (role: string) => Int32Array.from(roles.flatMap((r, index) => (r === role ? [index] : [])))
      return {
        manifest,
        classNames,
        attributeNames,
        attributes: Float32Array.from(source.attributes),
        features: source.features === null ? null : await loadFeatures(join(folderOf(id), 'features.npy'), id),
        labels,
        splits: judgement.splits,
        seenClasses: withRole('seen'),
        unseenClasses: withRole('unseen'),
      }
    },

    async rename(id, name) {
      const manifest = { ...(await manifestOf(id)), name }
      await writeFileAtomic(join(folderOf(id), 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
      return manifest
    },

    discard: (id) => rm(folderOf(id), { recursive: true, force: true }),

    async remove(id) {
      await manifestOf(id)
      await mkdir(trash, { recursive: true })
      await rename(folderOf(id), join(trash, id))
      await syncFolder(directory)
    },

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
      }
    },
  }
}

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

/** Reads straight into the array that is returned. */
async function loadFeatures(path: string, id: string): Promise<Float32Array> {
  const file = { path, name: 'features.npy' }
  const { shape, offset, type, fortranOrder, bigEndian } = await npyHeader(file)
  if (type !== 'f4' || fortranOrder || bigEndian) throw damaged(id)
  const features = new Float32Array(shape.reduce((product, size) => product * size, 1))
  const bytes = new Uint8Array(features.buffer)
  const { handle } = await openFile(file)
  try {
    for (let read = 0; read < bytes.length;) {
      // One read takes at most 2 GiB.
      const length = Math.min(2 ** 28, bytes.length - read)
      const { bytesRead } = await handle.read(bytes, read, length, offset + read)
      if (bytesRead === 0) throw damaged(id)
      read += bytesRead
    }
  } finally {
    await handle.close()
  }
  return features
}
