import {
  AppError,
  presets,
  type Backend,
  type BackendEvent,
  type BackendListener,
  type DatasetManifest,
  type Job,
  type MetricPoint,
  type PreflightReport,
  type RunResult,
  type RunSummary,
  type SeenUnseenCurve,
  type Snapshot,
} from '../../src-main/contract/index.ts'

/** A backend in memory for specs: answers at once, and lets the spec say what happens next. All of its figures are made up. */

export const manifest = (over: Partial<DatasetManifest> = {}): DatasetManifest => ({
  id: 'birds',
  name: 'Birds',
  layout: 'xlsa17',
  importedAt: '2026-03-01T09:00:00.000Z',
  contentHash: 'f'.repeat(64),
  counts: { images: 600, classes: 20, seen: 15, unseen: 5, attributes: 12, unknownAttributes: 3, features: 64 },
  splits: { trainval: 400, testSeen: 80, testUnseen: 120, train: null, validation: null },
  findings: [],
  ...over,
})

export const result = (over: Partial<RunResult> = {}): RunResult => {
  const estimate = (mean: number) => ({ mean, deviation: 1.5 })
  return {
    run: 'run-1',
    method: 'ipn',
    device: 'cpu',
    seconds: 12.5,
    episodes: 2000,
    parameters: 123_456,
    T1: 51.2,
    U: 21.1,
    S: 61.2,
    H: 31.4,
    calibrated: { gamma: 0.42, U: 41.1, S: 51.3, H: 45.6 },
    ausuc: 0.291,
    heldOut: { T1: 50.1, U: 40.2, S: 52.3, H: 45.4 },
    heldOutSpread: { T1: estimate(50.1), U: estimate(40.2), S: estimate(52.3), H: estimate(45.4) },
    graph: { semanticMeanDegree: 5, visualMeanDegree: 5 },
    selection: 'γ was chosen on 3 hold-outs of 4 classes each. No test image was used.',
    ...over,
  }
}

export const summary = (over: Partial<RunSummary> = {}): RunSummary => ({
  id: 'run-1',
  dataset: 'birds',
  datasetName: 'Birds',
  datasetHash: 'f'.repeat(64),
  method: 'ipn',
  preset: 'quick',
  config: presets.quick,
  device: 'auto',
  seed: 1,
  startedAt: '2026-03-01T10:00:00.000Z',
  state: 'finished',
  error: null,
  baseline: null,
  result: result(),
  notes: [],
  ...over,
})

export const report = (over: Partial<PreflightReport> = {}): PreflightReport => ({
  id: 'report-1',
  name: 'Birds',
  layout: 'xlsa17',
  counts: manifest().counts,
  splits: manifest().splits,
  findings: [{ level: 'ok', code: 'layout', message: 'Benchmark files in the xlsa17 layout.' }],
  minusOnes: 0,
  importable: true,
  ...over,
})

export const job = (over: Partial<Job> = {}): Job => ({
  id: 'job-1',
  kind: 'train',
  title: 'Birds',
  state: 'running',
  progress: 0.4,
  message: '',
  secondsLeft: 30,
  error: null,
  dataset: 'birds',
  run: 'run-1',
  ...over,
})

export interface FakeBackend {
  readonly backend: Backend
  /** Every command that arrived, in order. */
  readonly calls: { readonly name: string; readonly input: unknown }[]
  emit(event: BackendEvent): void
}

export function fakeBackend(
  state: Partial<Snapshot> = {},
  answers: Partial<Omit<Backend, 'subscribe'>> = {},
  metrics: readonly MetricPoint[] = [],
  curve: SeenUnseenCurve | null = null,
): FakeBackend {
  const calls: FakeBackend['calls'] = []
  const listeners = new Set<BackendListener>()
  let sequence = 0
  const about = { version: '0.1.0', workspace: 'Unseen', host: 'web' } as const
  const snapshot: Snapshot = { about, datasets: [], runs: [], jobs: [], devices: [], ...state }
  const emit = (event: BackendEvent): void => {
    sequence++
    for (const listener of listeners) listener.event({ sequence, event })
  }
  const refuse = (name: string) => () => Promise.reject(new AppError('test/unexpected', `${name} was not expected.`))
  const { rows, columns } = { rows: 20, columns: 12 }
  const all: Omit<Backend, 'subscribe'> = {
    inspectDataset: () => Promise.resolve(report()),
    importDataset: ({ name }) => {
      const dataset = manifest({ name: name ?? 'Birds' })
      emit({ type: 'dataset', dataset })
      return Promise.resolve(dataset)
    },
    getDataset: ({ dataset }) =>
      Promise.resolve({
        ...manifest({ id: dataset }),
        classes: Array.from({ length: rows }, (_, index) => ({
          index,
          name: `Class ${index}`,
          role: index < 15 ? ('seen' as const) : ('unseen' as const),
          images: 30 + index,
          unknownAttributes: 0,
        })),
        attributeNames: Array.from({ length: columns }, (_, index) => `attribute ${index}`),
      }),
    getAttributes: () =>
      Promise.resolve({
        rows,
        columns,
        values: Float32Array.from({ length: rows * columns }, (_, at) => (at % 17) / 17),
      }),
    renameDataset: refuse('renameDataset'),
    removeDataset: ({ dataset }) => {
      emit({ type: 'dataset-removed', dataset })
      return Promise.resolve(undefined)
    },
    restoreDataset: ({ dataset }) => {
      emit({ type: 'dataset', dataset: manifest({ id: dataset }) })
      return Promise.resolve(manifest({ id: dataset }))
    },
    estimateTraining: refuse('estimateTraining'),
    startTraining: refuse('startTraining'),
    stopTraining: refuse('stopTraining'),
    resumeTraining: refuse('resumeTraining'),
    getRun: ({ run }) =>
      Promise.resolve({
        ...(snapshot.runs.find(({ id }) => id === run) ?? summary()),
        metrics: [...metrics],
        curve,
        perClass: [],
      }),
    evaluateRun: refuse('evaluateRun'),
    removeRun: ({ run }) => {
      emit({ type: 'run-removed', run })
      return Promise.resolve(undefined)
    },
    restoreRun: refuse('restoreRun'),
    cancelJob: () => Promise.resolve(undefined),
    probeDevices: () => Promise.resolve([]),
    ...answers,
  }
  const recorded = Object.fromEntries(
    Object.entries(all).map(([name, answer]) => [
      name,
      (input: unknown) => {
        calls.push({ name, input })
        return (answer as (input: unknown) => Promise<unknown>)(input)
      },
    ]),
  ) as unknown as Omit<Backend, 'subscribe'>
  const backend: Backend = {
    ...recorded,
    subscribe(listener) {
      listeners.add(listener)
      listener.snapshot({ sequence, snapshot })
      return () => void listeners.delete(listener)
    },
  }
  return { backend, calls, emit }
}
