import {
  AppError,
  type Counts,
  type DeviceName,
  type RunResult,
  type RunSummary,
  type TrainingConfig,
} from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { createDatasetStore, type Dataset } from '../datasets/index.ts'
import { timeStep } from '../devices/bench-step.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { createEngine } from '../devices/engines.ts'
import { classAccuracies } from '../evaluation/accuracy.ts'
import type { Measured } from '../evaluation/measure.ts'
import { createScorer } from '../inference/scorer.ts'
import type { Task } from '../jobs/task.ts'
import { graphDeath } from '../method/graph-death.ts'
import { scaleFeatures } from '../method/scaling.ts'
import { conductHere } from './phase.ts'
import { keepingState, readCheckpoints, removeCheckpoints } from './checkpoints.ts'
import { episodeSizes } from './episodes.ts'
import { measureEszsl, runEszsl } from './eszsl.ts'
import { runIpn, type IpnOutcome } from './ipn.ts'
import { measureModel } from './measure-model.ts'
import { lanesFor, prepareLane, startLanes } from './lanes.ts'
import { longestLane, phaseSizes } from './pace.ts'
import { reporting, type TrainProgress } from './report.ts'
import { writeEvaluation } from './run-folder.ts'
import { contextOf, readEszslModel, readModel, writeEszslModel, writeModel } from './stored-model.ts'

/** What a training or an evaluation works on. Paths are absolute. */
export interface RunTaskInput {
  readonly folder: string
  readonly workspace: string
  readonly run: RunSummary
  readonly device: DeviceName
}

export type TrainOutput =
  { readonly state: 'finished'; readonly result: RunResult; readonly notes: string[] } | { readonly state: 'stopped' }

/** Trains, measures and stores a run; told to stop, it keeps its state and says so. */
export const trainTask: Task<RunTaskInput & { readonly resume: boolean }, TrainOutput, TrainProgress> = {
  prepare: prepareLane,
  run: async ({ folder, workspace, run, device, resume }, { signal, report }) => {
    const started = performance.now()
    const { counts } = await createDatasetStore(workspace).manifest(run.dataset)
    const lanes = run.method === 'ipn' ? lanesFor(device, run.config, counts) : 1
    const threads = lanes > 1 ? startLanes(lanes) : null
    const dataset = await loadDataset(workspace, run)
    if (run.method === 'eszsl') {
      const outcome = await runEszsl({
        dataset,
        config: run.config,
        seed: run.seed,
        engine: createEngine('cpu'),
        signal,
        report: (share, message) => report({ progress: share, message, secondsLeft: null, points: [] }),
      })
      if (!outcome) return { state: 'stopped' }
      await writeEszslModel(folder, outcome.model, contextOf(dataset, run.config))
      await writeEvaluation(folder, pictures(dataset, outcome.measured, outcome.gamma))
      const seconds = (performance.now() - started) / 1000
      const result = resultOf(run, device, seconds, outcome)
      return { state: 'finished', result, notes: [] }
    }

    const { from, spent } = resume ? await readCheckpoints(folder) : { from: new Map<number, never>(), spent: 0 }
    const checkpoints = { folder, since: Date.now() - spent - (performance.now() - started) }
    const outcome = await runIpn({
      ...{
        dataset,
        config: run.config,
        seed: run.seed,
        engine: createEngine(device),
        lanes,
        film: folder,
        from,
        signal,
      },
      conduct:
        threads?.conduct(checkpoints) ?? conductHere(createEngine(device), (phase) => keepingState(checkpoints, phase)),
      watcher: reporting(run.config, from, report),
    })
    if (!outcome) return { state: 'stopped' }
    await writeModel(folder, outcome.model, contextOf(dataset, run.config))
    await writeEvaluation(folder, pictures(dataset, outcome.measured, outcome.gamma))
    await removeCheckpoints(folder)
    const result = resultOf(run, device, (Date.now() - checkpoints.since) / 1000, outcome)
    return { state: 'finished', result, notes: graphNotes(result, dataset, run.config) }
  },
}

/** Times some steps of a training, at the sizes that a dataset gives them. */
export const estimateTask: Task<
  { readonly config: TrainingConfig; readonly counts: Counts; readonly trainval: number; readonly device: DeviceName },
  { readonly episodesPerSecond: number; readonly seconds: number }
> = {
  run: async ({ config, counts, trainval, device }, { report }) => {
    report({ progress: null, message: `Timing a few steps on ${device}`, secondsLeft: null })
    const sizes = episodeSizes(config, counts.seen, trainval)
    const widths = { attributes: counts.attributes, features: counts.features ?? 0 }
    const lanes = lanesFor(device, config, counts)
    const { msPerStep } = await timeStep(
      lanes > 1 ? createCpuEngine(1) : createEngine(device),
      config,
      { ...sizes, ...widths },
      { steps: 12, warmUp: 4 },
    )
    const phases = phaseSizes(config)
    const seconds = (longestLane(phases, lanes) * msPerStep.median) / 1000
    return { episodesPerSecond: phases.reduce((total, one) => total + one, 0) / seconds, seconds }
  },
}

/** Measures a stored model again on its dataset's test images. */
export const evaluateTask: Task<RunTaskInput, Partial<RunResult>> = {
  run: async ({ folder, workspace, run, device }, { report }) => {
    report({ progress: null, message: 'Measuring', secondsLeft: null })
    const dataset = await loadDataset(workspace, run)
    const measured = await measureStored(createEngine(device), folder, run, dataset)
    const gamma = run.result!.calibrated.gamma
    await writeEvaluation(folder, pictures(dataset, measured, gamma))
    const { T1, plain, ausuc, stacking } = measured
    return { T1, ...plain, ausuc, calibrated: { gamma, ...stacking.accuraciesAt(gamma) } }
  },
}

async function measureStored(engine: Engine, folder: string, run: RunSummary, dataset: Dataset): Promise<Measured> {
  if (run.method === 'eszsl') return measureEszsl(engine, await readEszslModel(folder), dataset, run.config)
  const model = await readModel(folder)
  const widths = { attributes: dataset.attributeNames.length, features: dataset.manifest.counts.features! }
  const scorer = await createScorer(engine, run.config, widths)
  try {
    const { splits, labels, unseenClasses } = dataset
    const features = scaleFeatures(dataset.features!, widths.features, run.config.featureScaling, splits.trainval)
    const { testSeen, testUnseen } = splits
    return await measureModel(
      { scorer, model, features, labels },
      { seenClasses: model.seenClasses, unseenClasses, testSeen, testUnseen },
    )
  } finally {
    await scorer.release()
  }
}

async function loadDataset(workspace: string, run: RunSummary): Promise<Dataset> {
  const dataset = await createDatasetStore(workspace).load(run.dataset)
  if (dataset.manifest.contentHash !== run.datasetHash) {
    throw new AppError('run/dataset-changed', `“${run.datasetName}” has changed since this run was started.`, {
      next: 'Start a new training on the data as they are now.',
    })
  }
  return dataset
}

function resultOf(
  run: RunSummary,
  device: DeviceName,
  seconds: number,
  { measured, gamma, confidence, figures }: Pick<IpnOutcome, 'measured' | 'gamma' | 'confidence' | 'figures'>,
): RunResult {
  const { T1, plain, ausuc, stacking } = measured
  return {
    ...{ run: run.id, method: run.method, device, seconds, T1, ...plain, ausuc },
    calibrated: { gamma, ...stacking.accuraciesAt(gamma) },
    ...figures,
    confidence,
  }
}

const longestCurve = 400 // points; no picture shows more

function pictures(dataset: Dataset, { stacking, labels }: Measured, gamma: number) {
  const curve = stacking.seenUnseenCurve()
  const every = curve ? Math.max(1, Math.ceil(curve.gamma.length / longestCurve)) : 1
  const thin = (values: Float32Array) => values.filter((_, at) => at % every === 0 || at === values.length - 1)
  const seen = new Set(dataset.seenClasses)
  return {
    curve: curve && { U: thin(curve.U), S: thin(curve.S), gamma: thin(curve.gamma) },
    perClass: classAccuracies(stacking.predictionsAt(gamma), labels).map((one) => ({
      class: dataset.classNames[one.class],
      role: seen.has(one.class) ? ('seen' as const) : ('unseen' as const),
      images: one.images,
      accuracy: one.accuracy,
    })),
  }
}

/** How a category graph died, said in a sentence. */
function graphNotes(
  { graph }: RunResult,
  { seenClasses, unseenClasses }: Dataset,
  { edgeRule }: TrainingConfig,
): string[] {
  const classes = seenClasses.length + unseenClasses.length
  const emptied = 'hardly any class has a neighbour, so propagation does nothing. Use “knn” edges or a wider angle.'
  const complete = 'every class is every other’s neighbour, so prototypes coincide.'
  const narrower = edgeRule === 'knn' ? 'Use fewer neighbours.' : 'Use “knn” edges or a narrower angle.'
  const of = (name: string, degree: number): string[] => {
    switch (graphDeath(degree, classes)) {
      case 'empty':
        return [`The ${name} graph is empty: ${emptied}`]
      case 'complete':
        return [`The ${name} graph is complete: ${complete} ${narrower}`]
      case null:
        return []
    }
  }
  return graph ? [...of('semantic', graph.semanticMeanDegree), ...of('visual', graph.visualMeanDegree)] : []
}
