import {
  AppError,
  presets,
  type Backbone,
  type BackboneDraft,
  type Backend,
  type BackendEvent,
  type BackendListener,
  type Classification,
  type DeviceReport,
  type DatasetDetail,
  type DatasetManifest,
  type Explanation,
  type Job,
  type MetricPoint,
  type PhotoTable,
  type Prediction,
  type PreflightReport,
  type RunResult,
  type RunSummary,
  type SeenUnseenCurve,
  type Snapshot,
} from '../../src-main/contract/index.ts'
import { fakeClasses } from './fake-classes.ts'

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
  photos: false,
  drawn: false,
  backbone: null,
  ...over,
})

const sha = 'a'.repeat(64)

/** A dataset of photos: four classes of six, the last one unseen. */
export const photoManifest = (over: Partial<DatasetManifest> = {}): DatasetManifest =>
  manifest({
    id: 'shells',
    name: 'Shells',
    layout: 'image-folder',
    photos: true,
    counts: { images: 24, classes: 4, seen: 3, unseen: 1, attributes: 3, unknownAttributes: 1, features: 64 },
    splits: { trainval: 15, testSeen: 3, testUnseen: 6, train: null, validation: null },
    backbone: { id: 'basic', name: 'Basic', sha256: sha },
    ...over,
  })

/** Labels 0,0,…,1,1,… in the order of the classes; all in `trainval` but the last class's. */
export const photoTable = (classes = 4, each = 6): PhotoTable => {
  const photos = classes * each
  const labels = Int32Array.from({ length: photos }, (_, at) => Math.floor(at / each))
  return {
    files: Array.from(labels, (label, at) => `class ${label}/photo ${at}.jpg`),
    labels,
    places: Int32Array.from(labels, (label) => (label === classes - 1 ? 3 : 1)),
    widths: new Int32Array(photos).fill(640),
    heights: new Int32Array(photos).fill(480),
  }
}

export const detail = (over: Partial<DatasetDetail> = {}): DatasetDetail => {
  const { counts: usual, ...rest } = over.photos ? photoManifest() : manifest()
  const counts = over.counts ?? usual
  return {
    ...rest,
    counts,
    classes: Array.from({ length: counts.classes }, (_, index) => ({
      index,
      name: `Class ${index}`,
      role: index < counts.seen ? 'seen' : 'unseen',
      images: over.photos ? 6 : 30 + index,
      unknownAttributes: 0,
    })),
    attributeNames: Array.from({ length: counts.attributes }, (_, index) => `attribute ${index}`),
    attributeGroups: Array.from({ length: counts.attributes }, () => null),
    history: { undo: null, redo: null },
    ...over,
  }
}

export const backbone = (over: Partial<Backbone> = {}): Backbone => ({
  id: 'basic',
  name: 'Basic',
  origin: 'basic',
  note: 'Comes with the application.',
  licence: 'Apache-2.0',
  source: 'MediaPipe',
  dimension: 960,
  installed: true,
  download: null,
  ...over,
})

export const draft = (over: Partial<BackboneDraft> = {}): BackboneDraft => ({
  id: 'draft-1',
  name: 'squeeze',
  sha256: sha,
  bytes: 5_000_000,
  licence: '',
  source: 'squeeze.onnx',
  inputs: [{ name: 'data', type: 'float32', shape: ['N', 3, 224, 224], operation: null }],
  outputs: [{ name: 'logits', type: 'float32', shape: ['N', 1000], operation: 'Gemm' }],
  inner: [
    { name: 'pool', type: 'float32', shape: ['N', 512], operation: 'GlobalAveragePool' },
    { name: 'relu_9', type: 'float32', shape: ['N', 512, 7, 7], operation: 'Relu' },
  ],
  recipe: {
    input: 'data',
    inputType: 'float32',
    layout: 'NCHW',
    channels: 'RGB',
    inputSize: [224, 224],
    shorterSide: 256,
    fit: 'cover',
    scale: 1 / 255,
    offset: 0,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    batch: null,
    output: 'logits',
    pooling: 'none',
    dimension: 1000,
  },
  guessed: ['mean', 'std'],
  ...over,
})

export const classification = (over: Partial<Classification> = {}): Classification => ({
  id: 'look-1',
  run: 'run-1',
  name: 'holiday',
  photos: 4,
  done: 4,
  state: 'done',
  error: null,
  classes: Array.from({ length: 4 }, (_, index) => ({
    name: `Class ${index}`,
    role: index < 3 ? ('seen' as const) : ('unseen' as const),
    id: null,
  })),
  gamma: 0.4,
  confidence: { temperature: 1, noneBelow: 0.2 },
  findings: [],
  device: 'cpu',
  ...over,
})

export const prediction = (over: Partial<Prediction> = {}): Prediction => ({
  photo: 0,
  file: 'holiday/1.jpg',
  error: null,
  seen: { classes: Int32Array.of(1, 0, 2), scores: Float32Array.of(2, 1, 0) },
  unseen: { classes: Int32Array.of(3), scores: Float32Array.of(1.5) },
  logSumSeen: Math.log(Math.exp(2) + Math.exp(1) + 1),
  logSumUnseen: 1.5,
  ...over,
})

/** Of the photo that `prediction` is about: its first two classes and ten attributes. */
export const explanation = (over: Partial<Explanation> = {}): Explanation => ({
  classes: classification().classes.map(({ name, role }) => ({ name, role })),
  attributes: Array.from({ length: 10 }, (_, at) => `attribute ${at}`),
  ranking: [
    { class: 1, score: 2 },
    { class: 3, score: 1.5 },
  ],
  ...{ winner: 1, runnerUp: 3, gamma: 0.4, winnerWithoutGamma: 1 },
  difference: 0.5,
  baseline: 0.1,
  contributions: Array.from({ length: 10 }, (_, attribute) => ({
    attribute,
    winnerValue: 10 * attribute,
    runnerUpValue: attribute === 0 ? NaN : 20,
    throughWinner: attribute === 1 ? -0.1 : 0.05,
    throughRunnerUp: 0,
  })),
  remainder: 0.05,
  how: 'Made up.',
  flow: {
    winner: {
      semantic: [
        { class: 1, share: 0.75 },
        { class: 0, share: 0.25 },
      ],
      visual: [{ class: 1, share: 1 }],
      anchors: [],
    },
    runnerUp: {
      semantic: [{ class: 3, share: 1 }],
      visual: [{ class: 3, share: 1 }],
      anchors: [{ class: 2, share: 1 }],
    },
  },
  similar: [{ image: 7, name: 'class 1/photo 7.jpg', class: 'Class 1', cosine: 0.93 }],
  flip: { attribute: 4, from: 40, to: 31, winner: 3 },
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
    confidence: { temperature: 1, noneBelow: 0.2 },
    heldOutClasses: [],
    firstPhotos: null,
    ...over,
  }
}

export const summary = (over: Partial<RunSummary> = {}): RunSummary => ({
  id: 'run-1',
  dataset: 'birds',
  datasetName: 'Birds',
  datasetHash: 'f'.repeat(64),
  backbone: null,
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

export const device = (over: Partial<DeviceReport> = {}): DeviceReport => ({
  name: 'cpu',
  label: 'Example processor',
  available: true,
  note: null,
  next: null,
  leftOut: false,
  removable: false,
  chosen: null,
  gflops: 120,
  msPerStep: 10,
  goldenError: 2e-6,
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
  photos: 0,
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
  const noPhotos = { backbones: [backbone()], classifications: [], classBooks: [] }
  const machine = { processor: 'Processor', cores: 8, memoryBytes: 16 * 2 ** 30 }
  const about = { version: '0.1.0', workspace: 'Unseen', host: 'web', machine } as const
  const snapshot: Snapshot = { about, datasets: [], runs: [], jobs: [], devices: [], ...noPhotos, ...state }
  const datasets = new Map(snapshot.datasets.map((one) => [one.id, one]))
  const known = (id: string): DatasetDetail => detail(datasets.get(id) ?? { id })
  const emit = (event: BackendEvent): void => {
    sequence++
    if (event.type === 'dataset') datasets.set(event.dataset.id, event.dataset)
    for (const listener of listeners) listener.event({ sequence, event })
  }
  const refuse = (name: string) => () => Promise.reject(new AppError('test/unexpected', `${name} was not expected.`))
  const all: Omit<Backend, 'subscribe'> = {
    inspectDataset: () => Promise.resolve(report()),
    importDataset: ({ name }) => {
      const dataset = manifest({ name: name ?? 'Birds' })
      emit({ type: 'dataset', dataset })
      return Promise.resolve(dataset)
    },
    getDataset: ({ dataset }) => Promise.resolve(known(dataset)),
    getAttributes: ({ dataset }) => {
      const { classes, attributeNames } = known(dataset)
      const [rows, columns] = [classes.length, attributeNames.length]
      return Promise.resolve({
        rows,
        columns,
        values: Float32Array.from({ length: rows * columns }, (_, at) => (at % 17) / 17),
      })
    },
    renameDataset: refuse('renameDataset'),
    removeDataset: ({ dataset }) => {
      emit({ type: 'dataset-removed', dataset })
      return Promise.resolve(undefined)
    },
    restoreDataset: ({ dataset }) => {
      emit({ type: 'dataset', dataset: manifest({ id: dataset }) })
      return Promise.resolve(manifest({ id: dataset }))
    },
    createDemo: refuse('createDemo'),
    getPhotos: () => Promise.resolve(photoTable()),
    getThumbnails: ({ photos }) => Promise.resolve(photos.map(() => new Uint8Array([0xff, 0xd8]))),
    getPhoto: () => Promise.resolve(new Uint8Array([0xff, 0xd8])),
    addPhotos: ({ dataset, grants }) => Promise.resolve({ dataset: known(dataset), added: grants.length, leftOut: [] }),
    readAttributeTable: refuse('readAttributeTable'),
    editDataset: ({ dataset }) => Promise.resolve({ ...known(dataset), history: { undo: 'the edit', redo: null } }),
    undoEdit: ({ dataset }) => Promise.resolve({ ...known(dataset), history: { undo: null, redo: 'the edit' } }),
    redoEdit: ({ dataset }) => Promise.resolve({ ...known(dataset), history: { undo: 'the edit', redo: null } }),
    suggestUnseen: refuse('suggestUnseen'),
    inspectBackbone: () => Promise.resolve(draft()),
    importBackbone: refuse('importBackbone'),
    downloadBackbone: refuse('downloadBackbone'),
    removeBackbone: refuse('removeBackbone'),
    restoreBackbone: refuse('restoreBackbone'),
    extractFeatures: refuse('extractFeatures'),
    estimateTraining: refuse('estimateTraining'),
    prepareTraining: () => Promise.resolve(undefined),
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
    startClassification: refuse('startClassification'),
    getClassification: () => Promise.resolve({ classification: classification(), predictions: [prediction()] }),
    getClassifiedThumbnails: ({ photos }) => Promise.resolve(photos.map(() => new Uint8Array([0xff, 0xd8]))),
    keepClassified: refuse('keepClassified'),
    sortClassified: refuse('sortClassified'),
    cancelClassification: refuse('cancelClassification'),
    removeClassification: refuse('removeClassification'),
    explain: ({ gamma, against }) =>
      Promise.resolve(explanation({ gamma, ...(against == null ? {} : { runnerUp: against }) })),
    getTwins: refuse('getTwins'),
    layOutTwins: refuse('layOutTwins'),
    getGraphFilm: refuse('getGraphFilm'),
    exportTwins: refuse('exportTwins'),
    ...fakeClasses(snapshot.classBooks.at(0), emit),
    cancelJob: () => Promise.resolve(undefined),
    probeDevices: () => Promise.resolve([]),
    addDevice: refuse('addDevice'),
    removeDevice: refuse('removeDevice'),
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
