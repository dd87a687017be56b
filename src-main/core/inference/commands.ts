import { randomUUID } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AppError,
  toWireError,
  type Backend,
  type BackboneReference,
  type Classification,
  type ClassificationId,
  type Confidence,
  type Finding,
  type Prediction,
  type RunSummary,
} from '../../contract/index.ts'
import type { BackboneCommands } from '../backbones/commands.ts'
import { onProcessor, type BackboneSetup } from '../backbones/index.ts'
import type { BackendContext } from '../context.ts'
import type { DatasetCommands } from '../datasets/commands.ts'
import { suggestedName } from '../datasets/index.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { thumbnail } from '../photos/index.ts'
import type { StudioCommands } from '../studio/commands.ts'
import type { TrainingCommands } from '../training/index.ts'
import { readModelContext } from '../training/stored-model.ts'
import { classesOf } from './classifier.ts'
import type { ClassifyProgress } from './classify-task.ts'
import type { LookedAt } from './looked-at.ts'

export interface ClassificationCommands extends Pick<
  Backend,
  | 'startClassification'
  | 'getClassification'
  | 'getClassifiedThumbnails'
  | 'keepClassified'
  | 'sortClassified'
  | 'cancelClassification'
  | 'removeClassification'
> {
  list(): Classification[]
  /** A photo that was looked at, and with what. Throws `classify/unknown` or `classify/unknown-photo`. */
  lookedAt(id: ClassificationId, photo: number): LookedAt
  /** Ends what runs and removes what was unpacked. */
  close(): Promise<void>
}

interface Entry extends Pick<LookedAt, 'backbone' | 'cast'> {
  classification: Classification
  readonly predictions: Prediction[]
  /** Of the photos, in the same order; the page never learns them. */
  readonly paths: string[]
  /** Where its zips were unpacked. */
  readonly scratch: string
  /** What was dropped; a browser's upload is kept as long as that. */
  readonly grants: readonly string[]
  /** The present one of its jobs. */
  job: RunningJob<{ readonly findings: readonly Finding[] }> | null
  /** Resolves when its process has ended and its state says how. */
  ended: Promise<void>
}

/** Dropped photos and what a run says of them. Nothing here outlives the backend. */
export async function classificationCommands(
  { workspace, jobs, grants, emit }: BackendContext,
  training: Pick<TrainingCommands, 'list'>,
  datasets: Pick<DatasetCommands, 'getDataset' | 'keepPhotos'>,
  backbones: Pick<BackboneCommands, 'setup' | 'conduct'>,
  studio: Pick<StudioCommands, 'takingPart' | 'ofTable'>,
): Promise<ClassificationCommands> {
  const entries = new Map<ClassificationId, Entry>()
  const scratchFolder = join(workspace.cache, 'classifications')
  // What a backend that crashed had unpacked.
  await rm(scratchFolder, { recursive: true, force: true })

  const find = (id: ClassificationId): Entry => {
    const entry = entries.get(id)
    if (entry) return entry
    throw new AppError('classify/unknown', 'These photos are not here any more.', { next: 'Drop them again.' })
  }
  const update = (entry: Entry, change: Partial<Classification>): void => {
    entry.classification = { ...entry.classification, ...change }
    emit({ type: 'classification', classification: entry.classification })
  }
  const photoOf = (entry: Entry, photo: number): { path: string; name: string } => {
    const prediction = entry.predictions.at(photo)
    if (prediction) return { path: entry.paths[photo], name: prediction.file }
    throw new AppError('classify/unknown-photo', `There is no photo ${photo} among these.`, {
      next: 'Wait until it has been looked at.',
    })
  }

  const hear = (entry: Entry, { photos, classified, device }: ClassifyProgress): void => {
    if (photos === 0) return
    // A job that was started once more begins with photos that are known.
    const fresh = classified.filter(({ prediction }) => prediction.photo >= entry.predictions.length)
    if (fresh.length > 0) {
      const predictions = fresh.map(({ prediction }) => prediction)
      entry.predictions.push(...predictions)
      entry.paths.push(...fresh.map(({ path }) => path))
      emit({ type: 'predictions', classification: entry.classification.id, predictions })
    }
    update(entry, { photos, done: entry.predictions.length, device })
  }

  const conduct = async (entry: Entry, work: Promise<{ readonly findings: readonly Finding[] }>): Promise<void> => {
    try {
      const { findings } = await work
      const { photos, findings: before } = entry.classification
      // A job that was asked to stop may have been done already.
      const state = entry.predictions.length === photos ? 'done' : 'cancelled'
      update(entry, { state, findings: [...before, ...findings] })
    } catch (thrown) {
      const error = toWireError(thrown)
      const cancelled = error.code === 'job/cancelled'
      update(entry, { state: cancelled ? 'cancelled' : 'failed', error: cancelled ? null : error })
    }
  }
  const end = async (entry: Entry): Promise<void> => {
    entry.job?.cancel()
    await entry.ended
    await rm(entry.scratch, { recursive: true, force: true })
  }

  return {
    list: () => [...entries.values()].map(({ classification }) => classification),
    lookedAt: (id, photo) => {
      const entry = find(id)
      const { backbone, cast, classification } = entry
      // Its features are in the cache; and what is asked next needs its process.
      return { run: classification.run, ...photoOf(entry, photo), backbone: onProcessor(backbone), cast }
    },

    startClassification: async ({ run: runId, grants: ids, classes: table }) => {
      const paths = ids.map((id) => grants.resolve(id))
      const { run, result, learnedWith } = requireUsable(training.list(), runId)
      const backbone = await installed(backbones, learnedWith)
      const { cast, findings } =
        table === undefined
          ? { cast: await studio.takingPart(run.id), findings: [] }
          : await studio.ofTable(run.id, table)
      const folder = join(workspace.runs, run.id)
      const confidence = result.confidence ?? unfitted(run)
      const id = randomUUID()
      const scratch = join(scratchFolder, id)
      const classification: Classification = {
        ...{ id, run: run.id, name: suggestedName(paths), photos: 0, done: 0, state: 'running', error: null },
        classes: classesOf(await readModelContext(folder), cast),
        gamma: result.calibrated.gamma,
        ...{ confidence, findings, device: null },
      }
      const { temperature } = confidence
      const entry: Entry = {
        ...{ classification, predictions: [], paths: [], scratch, grants: ids, job: null, ended: Promise.resolve() },
        ...{ backbone, cast },
      }
      const work = backbones.conduct(backbone, (own) => {
        const { method, config } = run
        const input = { paths, folder, run: { method, config }, cast, temperature, backbone: own }
        entry.job = jobs.run(
          'classify',
          // What a process that died has unpacked is in the way of the next.
          { ...input, scratch: join(scratch, own.providers[0]) },
          {
            ...{ kind: 'classify', title: classification.name, dataset: run.dataset, run: run.id },
            onProgress: (progress) => hear(entry, progress),
          },
        )
        return entry.job
      })
      entries.set(id, entry)
      update(entry, {})
      entry.ended = conduct(entry, work)
      return entry.classification
    },

    getClassification: ({ classification: id }) => {
      const { classification, predictions } = find(id)
      return Promise.resolve({ classification, predictions: [...predictions] })
    },

    getClassifiedThumbnails: async ({ classification, photos }) => {
      const entry = find(classification)
      const pictures: Uint8Array<ArrayBuffer>[] = []
      // One after the other: the photos that are being looked at need the processor too.
      for (const photo of photos) {
        const { path } = photoOf(entry, photo)
        pictures.push(new Uint8Array(await thumbnail(path).catch(() => [])))
      }
      return pictures
    },

    keepClassified: async ({ classification: id, photos }) => {
      const entry = find(id)
      const yours = photos.find(({ class: one }) => entry.classification.classes.at(one)?.role === 'yours')
      if (yours) {
        throw new AppError(
          'classify/yours',
          `“${entry.classification.classes[yours.class].name}” is a class that you described, which the dataset does not have.`,
          { next: 'Give the photo to the class itself, or add the class to the dataset first. Nothing was added.' },
        )
      }
      const run = training.list().find((one) => one.id === entry.classification.run)
      if (!run) throw unknownRun(entry.classification.run)
      const dataset = await datasets.getDataset({ dataset: run.dataset })
      // By name: classes may have come and gone since the run was made.
      const indexOf = new Map(dataset.classes.map(({ name, index }) => [name, index]))
      const chosen = photos.map(({ photo, class: one }) => {
        const name = entry.classification.classes.at(one)?.name
        const index = name === undefined ? undefined : indexOf.get(name)
        if (index !== undefined) return { ...photoOf(entry, photo), class: index }
        throw new AppError('classify/class-gone', `“${dataset.name}” has no class “${name ?? one}” any more.`, {
          next: 'Choose another class, or add it to the dataset first. Nothing was added.',
        })
      })
      return datasets.keepPhotos(dataset.id, chosen)
    },

    sortClassified: async ({ classification: id, into, photos }) => {
      const entry = find(id)
      const target = grants.resolve(into)
      const isFolder = await stat(target).then(
        (status) => status.isDirectory(),
        () => false,
      )
      if (!isFolder) {
        throw new AppError('classify/not-a-folder', 'Photos can only be sorted into a folder.', {
          next: 'Choose a folder.',
        })
      }
      const copies = photos.map(({ photo, folder }) => ({ ...photoOf(entry, photo), folder }))
      const { name, run } = entry.classification
      const job = jobs.run('sort-photos', { into: target, photos: copies }, { kind: 'classify', title: name, run })
      return job.done
    },

    cancelClassification: async ({ classification }) => {
      const entry = find(classification)
      entry.job?.cancel()
      await entry.ended
      return undefined
    },

    removeClassification: async ({ classification }) => {
      const { grants: own } = find(classification)
      await end(find(classification))
      entries.delete(classification)
      const needed = new Set([...entries.values()].flatMap((other) => other.grants))
      for (const id of own) if (!needed.has(id)) grants.release(id)
      emit({ type: 'classification-removed', classification })
      return undefined
    },

    close: async () => {
      await Promise.all([...entries.values()].map(end))
    },
  }
}

/** A finished run that learned from photos. Throws `run/unknown`, `run/not-finished` and `classify/no-backbone`. */
function requireUsable(runs: readonly RunSummary[], id: string) {
  const run = runs.find((one) => one.id === id)
  if (!run) throw unknownRun(id)
  const { result, backbone: learnedWith } = run
  if (!result) {
    throw new AppError('run/not-finished', 'This run has no finished model to classify with.', {
      next: 'Resume it first, or choose another run.',
    })
  }
  if (!learnedWith) {
    throw new AppError(
      'classify/no-backbone',
      `The features of “${run.datasetName}” came with it, and nothing says how to make the same ones of new photos.`,
      { next: 'Train on a dataset of photos, and classify with that run.' },
    )
  }
  return { run, result, learnedWith }
}

const unknownRun = (id: string): AppError =>
  new AppError('run/unknown', `There is no run “${id}”.`, { next: 'Choose one of the runs in the list.' })

/** Throws `classify/backbone-missing`. */
async function installed(
  backbones: Pick<BackboneCommands, 'setup'>,
  { id, name, sha256 }: BackboneReference,
): Promise<BackboneSetup> {
  const setup = await backbones.setup(id).catch((thrown: unknown) => {
    if (!(thrown instanceof AppError) || thrown.code !== 'backbone/unknown') throw thrown
    throw new AppError(
      'classify/backbone-missing',
      `The backbone “${name}” that this run learned with is not installed.`,
      {
        next: 'Restore, download or drop it again; nothing else makes the same features.',
        cause: thrown,
      },
    )
  })
  if (setup.manifest.sha256 === sha256) return setup
  throw new AppError(
    'classify/backbone-missing',
    `The backbone “${name}” is not the file any more that this run learned with.`,
    {
      next: 'Make the features of the dataset again with the one that is installed, and train again.',
    },
  )
}

/** For a run without a fitted confidence: the T of its training, and nothing is called none of these. */
const unfitted = ({ config }: RunSummary): Confidence => ({ temperature: config.logitTemperature, noneBelow: null })
