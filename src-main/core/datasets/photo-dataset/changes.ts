import { mkdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import {
  AppError,
  type BackboneReference,
  type DatasetEdit,
  type DatasetManifest,
  type Finding,
} from '../../../contract/index.ts'
import { npyHeader } from '../formats/npy.ts'
import { counted, describeEdits } from './describe-edits.ts'
import { applyEdits } from './edit.ts'
import { filesOf, photosKey, readState, stateFiles } from './files.ts'
import {
  forgetOthers,
  historyFile,
  keepFiles,
  readHistory,
  readKept,
  withStep,
  type History,
  type Version,
} from './history.ts'
import { changeFiles, finishChange, type FileChange } from './journal.ts'
import { describeState, foreignFindings, type FeaturesOf } from './judge-state.ts'
import { photoPath, whole, type PhotoDataset, type PhotoReader } from './read.ts'
import { splitsByHash } from './splits-by-hash.ts'
import type { Photo, PhotoState } from './state.ts'

// Each function changes one dataset of photos, on disk, as a whole or not at all. Only the backend's process calls them,
// one after another for each dataset (see `createDatasetStore`).

export async function editPhotos(folder: string, reader: PhotoReader, edits: readonly DatasetEdit[]): Promise<void> {
  const dataset = await open(folder, reader)
  const after = applyEdits(dataset.state, edits)
  await takeStep(folder, reader, dataset, after, describeEdits(dataset.state, edits))
}

export interface NewPhoto extends Omit<Photo, 'removed'> {
  /** Name of its class: an index may mean another by the time that the photo has been read. */
  readonly class: string
  /** Where its bytes lie now, on the same disk; they are moved from there. */
  readonly from: string
}

/**
 * Appends photos. One that was there and had been taken out comes back instead. Features are dropped where photos came:
 * the cache has those of the others. `findings` replace what was found at an earlier addition.
 */
export async function appendPhotos(
  folder: string,
  reader: PhotoReader,
  added: readonly NewPhoto[],
  findings: readonly Finding[],
): Promise<void> {
  const dataset = await open(folder, reader)
  const { state } = dataset
  const known = new Map(state.photos.map(({ sha256 }, index) => [sha256, index]))
  const photos = [...state.photos]
  const labels = [...state.labels]
  const classes = new Map(state.classNames.map((name, index) => [name, index]))
  for (const { class: name, from, ...photo } of added) {
    const label = classes.get(name)
    if (label === undefined) throw changedMeanwhile()
    const index = known.get(photo.sha256)
    if (index === undefined) {
      const path = photoPath(folder, photo)
      await mkdir(dirname(path), { recursive: true })
      await rename(from, path)
      photos.push({ ...photo, removed: false })
      labels.push(label)
    } else if (photos[index].removed) {
      photos[index] = { ...photos[index], removed: false }
      labels[index] = label
    }
  }
  const rest = { ...state, photos, labels: Int32Array.from(labels) }
  const codes = new Set(findings.map(({ code }) => code))
  const earlier = dataset.manifest.findings.filter(({ code }) => !codes.has(code))
  await takeStep(
    folder,
    reader,
    { ...dataset, manifest: { ...dataset.manifest, findings: [...findings, ...earlier] } },
    { ...rest, splits: splitsByHash(rest) },
    `add ${counted(added.length, 'photo')}`,
  )
}

export async function stepInHistory(folder: string, reader: PhotoReader, by: -1 | 1): Promise<void> {
  const dataset = await open(folder, reader)
  const history = await readHistory(folder)
  const at = (history?.at ?? 0) + by
  const version = at < 0 ? undefined : history?.versions.at(at)
  if (history === null || version === undefined) {
    const what = by === -1 ? 'undo' : 'redo'
    throw new AppError(`dataset/nothing-to-${what}`, `There is nothing to ${what}.`, {
      next: 'The steps before this are no longer kept.',
    })
  }
  const current = history.versions[history.at]
  const names = stateFiles.filter((name) => version.files[name].sha256 !== current.files[name].sha256)
  const after = await readState((name) => readKept(folder, version, name))
  const files = await Promise.all(names.map(async (name) => ({ name, content: await readKept(folder, version, name) })))
  await write(folder, reader, dataset, after, [...files, historyChange({ ...history, at })])
}

export interface NewFeatures {
  readonly backbone: BackboneReference
  /** Names the recipe: how pixels became numbers. */
  readonly recipeHash: string
  /** `key` of the photos that they were made of. */
  readonly photosKey: string
  /** A finished `features.npy` on the same disk; it is moved from there. */
  readonly file: string
}

export async function replaceFeatures(
  folder: string,
  reader: PhotoReader,
  { backbone, recipeHash, photosKey: key, file }: NewFeatures,
): Promise<void> {
  const { manifest, state } = await open(folder, reader)
  if (key !== photosKey(state)) throw changedMeanwhile()
  const { shape } = await npyHeader({ path: file, name: 'features.npy' })
  if (shape.length !== 2 || shape[0] !== state.photos.length) throw new Error(`Features of ${shape.join(' × ')}.`)
  const made = { backbone: backbone.sha256, recipe: recipeHash }
  const features: FeaturesOf = { identity: identityOf(made), dimension: shape[1] }
  const described = describeState(state, features, foreignFindings(manifest.findings, state))
  await changeFiles(
    folder,
    [
      { name: 'features.npy', content: { path: file } },
      { name: 'features.json', content: Buffer.from(`${JSON.stringify(made)}\n`) },
    ],
    { ...manifest, ...described, backbone },
  )
  await reader.remember(folder, state)
}

async function open(folder: string, reader: PhotoReader): Promise<PhotoDataset> {
  await finishChange(folder)
  return reader.read(folder, whole)
}

const changedMeanwhile = (): AppError =>
  new AppError('dataset/changed-meanwhile', 'The dataset was changed while this was being done.', {
    next: 'Do it again; what was done so far is kept and costs nothing.',
  })

async function takeStep(
  folder: string,
  reader: PhotoReader,
  dataset: PhotoDataset,
  after: PhotoState,
  text: string,
): Promise<void> {
  const changed = filesOf(after, dataset.state)
  if (changed.length === 0) return
  const history = (await readHistory(folder)) ?? { versions: [await firstVersion(folder)], at: 0 }
  const next = withStep(history, text, await keepFiles(folder, changed))
  const files = changed.map(({ name, bytes }) => ({ name, content: bytes }))
  await write(folder, reader, dataset, after, [...files, historyChange(next)])
  await forgetOthers(folder, next)
}

async function firstVersion(folder: string): Promise<Version> {
  const files = await Promise.all(stateFiles.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })))
  return { text: '', files: (await keepFiles(folder, files)) as Version['files'] }
}

const historyChange = (history: History): FileChange => ({
  name: historyFile,
  content: Buffer.from(`${JSON.stringify(history)}\n`),
})

/** Changes the files, and the manifest with them. Features stay where their rows are still those of the photos. */
async function write(
  folder: string,
  reader: PhotoReader,
  { manifest, state: before }: PhotoDataset,
  after: PhotoState,
  changes: readonly FileChange[],
): Promise<void> {
  const sameRows = before.photos === after.photos || photosKey(before) === photosKey(after)
  const stay = manifest.counts.features !== null && sameRows
  const features = stay ? await featuresOf(folder, manifest) : null
  const described = describeState(after, features, foreignFindings(manifest.findings, before))
  await changeFiles(folder, changes, { ...manifest, ...described, backbone: features && manifest.backbone })
  await reader.remember(folder, after)
}

const madeSchema = z.object({ backbone: z.string(), recipe: z.string() })
const identityOf = ({ backbone, recipe }: z.infer<typeof madeSchema>): string => `${backbone} ${recipe}`

async function featuresOf(folder: string, manifest: DatasetManifest): Promise<FeaturesOf> {
  const made = madeSchema.parse(JSON.parse(await readFile(join(folder, 'features.json'), 'utf8')))
  return { identity: identityOf(made), dimension: manifest.counts.features! }
}
