import { existsSync } from 'node:fs'
import { readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  AppError,
  presets,
  toWireError,
  trainingConfigSchema,
  trainingRequestSchema,
  type Backend,
  type DatasetId,
  type DatasetManifest,
  type DeviceName,
  type RunId,
  type RunSummary,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import type { DatasetCommands } from '../datasets/commands.ts'
import { lostDevice, type DeviceCommands } from '../devices/index.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { appendMetrics, endCutLine, readEvaluation, readMetrics, readRun, writeRun } from './run-folder.ts'
import type { TrainProgress } from './report.ts'
import type { TrainOutput } from './tasks.ts'

export interface TrainingCommands extends Pick<
  Backend,
  | 'estimateTraining'
  | 'prepareTraining'
  | 'startTraining'
  | 'stopTraining'
  | 'resumeTraining'
  | 'getRun'
  | 'evaluateRun'
  | 'removeRun'
  | 'restoreRun'
> {
  list(): RunSummary[]
}

interface Training {
  /** null until its device is known. */
  job: RunningJob<TrainOutput> | null
  /** Resolves when the run's end is written. */
  ended: Promise<void>
  stopping: boolean
}

/** Runs: started, watched, stopped and kept. A run's process may die; its folder tells how far it came. */
export async function trainingCommands(
  context: BackendContext,
  datasets: DatasetCommands,
  devices: DeviceCommands,
): Promise<TrainingCommands> {
  const { workspace, jobs, emit, clock, log } = context
  const runs = new Map<RunId, RunSummary>()
  const training = new Map<RunId, Training>()
  const folderOf = (id: RunId) => join(workspace.runs, id)
  const trashOf = (id: RunId) => join(workspace.trash, `run-${id}`)

  const find = (id: RunId): RunSummary => {
    const run = runs.get(id)
    if (run) return run
    throw new AppError('run/unknown', `There is no run “${id}”.`, { next: 'Choose one of the runs in the list.' })
  }
  const update = async (id: RunId, change: Partial<RunSummary>): Promise<RunSummary> => {
    const run = { ...find(id), ...change }
    runs.set(id, run)
    await writeRun(folderOf(id), run)
    emit({ type: 'run', run })
    return run
  }

  /** Like `update`, where nobody waits who could be told: a full disk must not take the application down. */
  const settle = async (id: RunId, change: Partial<RunSummary>): Promise<void> => {
    await update(id, change).catch((thrown: unknown) => {
      log(`runs/${id} could not be written: ${String(thrown)}`)
      emit({ type: 'run', run: find(id) })
    })
  }

  for (const id of await readdir(workspace.runs)) {
    try {
      const run = await readRun(folderOf(id))
      runs.set(run.id, run)
      // Whoever wrote "running" is gone: this process holds the workspace's lock.
      if (run.state === 'running') await update(run.id, { state: 'interrupted', error: null })
    } catch (thrown) {
      log(`runs/${id} was left out: ${String(thrown)}`)
    }
  }

  /** Sets a training going; how it ends is told by events, and `training` knows it until then. */
  const begin = (id: RunId, resume: boolean): void => {
    const entry: Training = { job: null, stopping: false, ended: Promise.resolve() }
    training.set(id, entry)
    entry.ended = conduct(id, entry, resume).then(() => {
      if (training.get(id) === entry) training.delete(id)
    })
  }

  /** One training from its device to its end. A device that fails is replaced by the processor where it was ours to choose. */
  const conduct = async (id: RunId, entry: Training, resume: boolean): Promise<void> => {
    let device: DeviceName | null = null
    try {
      device = await devices.choose(find(id).device)
      const output = entry.stopping ? ({ state: 'stopped' } as const) : await work(id, entry, device, resume)
      const notes = [...find(id).notes, ...(output.state === 'finished' ? output.notes : [])]
      await update(id, { ...output, notes, error: null })
    } catch (thrown) {
      const error = toWireError(thrown)
      const { device: choice, notes } = find(id)
      const ours = choice === 'auto' && device !== null && device !== 'cpu'
      if (ours && lostDevice(error.code) && !entry.stopping) {
        const note = `The device “${device}” failed during training; it went on with “cpu”.`
        await settle(id, { device: 'cpu', notes: [...notes, note] })
        return conduct(id, entry, true)
      }
      const stopped = entry.stopping || error.code === 'job/cancelled'
      const cut = error.code === 'job/died' || error.code === 'device/hung'
      const state = stopped ? 'stopped' : cut ? 'interrupted' : 'failed'
      await settle(id, { state, error: stopped ? null : error })
    }
  }

  /** The job of a training; its metrics are told and written as they come. */
  const work = async (id: RunId, entry: Training, device: DeviceName, resume: boolean): Promise<TrainOutput> => {
    const run = find(id)
    // One after the other: two appends at once may end up in either order.
    let written = Promise.resolve()
    const onProgress = ({ points }: TrainProgress) => {
      if (points.length === 0) return
      emit({ type: 'metrics', run: id, points: [...points] })
      written = written.then(() => appendMetrics(folderOf(id), points)).catch((thrown: unknown) => log(String(thrown)))
    }
    const input = { folder: folderOf(id), workspace: workspace.directory, run, device, resume }
    entry.job = jobs.run('train', input, {
      ...{ kind: 'train', title: run.datasetName, dataset: run.dataset, run: id },
      onProgress,
    })
    try {
      return await devices.watch(device, entry.job)
    } finally {
      await written
    }
  }

  /** From what the run kept; nothing where it is still training or over. */
  const goOn = async (id: RunId): Promise<void> => {
    const { state } = find(id)
    if (state === 'running' || state === 'finished') return
    await update(id, { state: 'running', error: null })
    await endCutLine(folderOf(id))
    begin(id, true)
  }

  const learnable = async (id: DatasetId): Promise<DatasetManifest> => {
    const dataset = await datasets.manifest(id)
    requireLearnable(dataset)
    return dataset
  }

  const newId = (method: string): RunId => {
    const day = clock().toISOString().slice(0, 10)
    for (let number = 1; ; number++) {
      const id = `${day}-${method}-${number}`
      // One in the trash may come back.
      if (!runs.has(id) && !existsSync(trashOf(id))) return id
    }
  }

  const create = async (raw: Parameters<Backend['startTraining']>[0]): Promise<RunSummary> => {
    const request = trainingRequestSchema.parse(raw)
    const dataset = await learnable(request.dataset)
    const id = newId(request.method)
    const run: RunSummary = {
      id,
      dataset: dataset.id,
      datasetName: dataset.name,
      datasetHash: dataset.contentHash,
      backbone: dataset.backbone,
      method: request.method,
      preset: request.preset,
      config: trainingConfigSchema.parse({ ...presets[request.preset], ...request.set }),
      device: request.method === 'eszsl' ? 'cpu' : request.device,
      seed: request.seed,
      startedAt: clock().toISOString(),
      state: 'running',
      error: null,
      baseline: null,
      result: null,
      notes: [],
    }
    runs.set(id, run)
    await update(id, {})
    return run
  }

  /** The ESZSL run on the same data, scaling, hold-outs and seed: the one that is there, or a new one. */
  const baselineFor = async (run: RunSummary): Promise<RunId> => {
    const { featureScaling, attributeScaling, holdOuts } = run.config
    const match = [...runs.values()].find(
      ({ method, datasetHash, seed, state, config }) =>
        method === 'eszsl' &&
        datasetHash === run.datasetHash &&
        seed === run.seed &&
        config.featureScaling === featureScaling &&
        config.attributeScaling === attributeScaling &&
        config.holdOuts === holdOuts &&
        (state === 'finished' || state === 'running'),
    )
    if (match) return match.id
    const set = { featureScaling, attributeScaling, holdOuts }
    const baseline = await create({ dataset: run.dataset, method: 'eszsl', preset: run.preset, set, seed: run.seed })
    begin(baseline.id, false)
    return baseline.id
  }

  return {
    list: () => [...runs.values()],

    estimateTraining: async (raw) => {
      const request = trainingRequestSchema.parse(raw)
      const { counts, splits, name } = await learnable(request.dataset)
      const device = await devices.choose(request.device)
      const config = trainingConfigSchema.parse({ ...presets[request.preset], ...request.set })
      const input = { config, counts, trainval: splits.trainval, device }
      const job = jobs.run('estimate', input, { kind: 'probe', title: name })
      return { device, ...(await devices.watch(device, job)) }
    },

    prepareTraining: () => {
      jobs.prepare('train')
      return Promise.resolve(undefined)
    },

    startTraining: async (raw) => {
      const run = await create(raw)
      begin(run.id, false)
      if (run.method === 'ipn' && raw.baseline) return update(run.id, { baseline: await baselineFor(run) })
      return find(run.id)
    },

    stopTraining: async ({ run: id }) => {
      const entry = training.get(id)
      if (entry) {
        entry.stopping = true
        entry.job?.cancel()
        await entry.ended
      }
      return find(id)
    },

    resumeTraining: async ({ run: id }) => {
      const { baseline } = find(id)
      await goOn(id)
      // What ended the one has ended the other. A baseline that was removed is not wanted any more.
      if (baseline !== null && runs.has(baseline)) await goOn(baseline)
      return find(id)
    },

    getRun: async ({ run: id }) => {
      const run = find(id)
      return { ...run, metrics: await readMetrics(folderOf(id)), ...(await readEvaluation(folderOf(id))) }
    },

    evaluateRun: async ({ run: id }) => {
      const run = find(id)
      if (!run.result) {
        throw new AppError('run/not-finished', 'This run has no finished model to measure.', {
          next: 'Resume it first.',
        })
      }
      const device = await devices.choose(run.device)
      const job = jobs.run(
        'evaluate',
        { folder: folderOf(id), workspace: workspace.directory, run, device },
        { kind: 'train', title: run.datasetName, dataset: run.dataset, run: id },
      )
      return update(id, { result: { ...run.result, ...(await devices.watch(device, job)) } })
    },

    removeRun: async ({ run: id }) => {
      find(id)
      if (training.has(id)) {
        throw new AppError('run/is-running', 'This run is still training.', { next: 'Stop it first.' })
      }
      await rm(trashOf(id), { recursive: true, force: true })
      await rename(folderOf(id), trashOf(id))
      runs.delete(id)
      emit({ type: 'run-removed', run: id })
      return undefined
    },

    restoreRun: async ({ run: id }) => {
      if (runs.has(id)) return find(id)
      const run = await readRun(trashOf(id)).catch((cause: unknown) => {
        throw new AppError('run/unknown', `The run “${id}” is not in the trash.`, { cause })
      })
      await rename(trashOf(id), folderOf(id))
      runs.set(id, run)
      emit({ type: 'run', run })
      return run
    },
  }
}

/** Throws `run/no-features` and `run/no-attributes`. */
function requireLearnable({ name, photos, counts }: DatasetManifest): void {
  if (counts.features === null) {
    throw photos
      ? new AppError('run/no-features', `The photos of “${name}” have no features to learn from yet.`, {
          next: 'Make features first: choose a backbone in the dataset.',
        })
      : new AppError('run/no-features', `“${name}” has no image features to learn from.`, {
          next: 'Import it again together with its features (res101.mat or features.npy).',
        })
  }
  if (counts.unknownAttributes < counts.classes * counts.attributes) return
  const filled = counts.attributes === 0 ? 'has no attributes' : 'has no attribute that is filled in'
  throw new AppError('run/no-attributes', `“${name}” ${filled}: nothing tells its unseen classes apart.`, {
    next: 'Describe its classes in its attribute table first.',
  })
}
