import { computed, shallowRef, type ComputedRef } from 'vue'
import type {
  Backend,
  BackendEvent,
  ClassificationId,
  MetricPoint,
  Prediction,
  RunId,
  Snapshot,
} from '../../src-main/contract/index.ts'

/** All that is visible of the backend, and the metrics and predictions that arrived since the last snapshot. */
export interface BackendState extends Snapshot {
  readonly metrics: Readonly<Record<RunId, readonly MetricPoint[]>>
  readonly predictions: Readonly<Record<ClassificationId, readonly Prediction[]>>
}

/** Before the first snapshot. */
export const emptyState: BackendState = {
  about: { version: '', workspace: '', host: 'web', machine: { processor: '', cores: 1, memoryBytes: 0 } },
  datasets: [],
  runs: [],
  jobs: [],
  devices: [],
  backbones: [],
  classifications: [],
  classBooks: [],
  metrics: {},
  predictions: {},
}

const replaced = <T extends { readonly id: string }>(list: readonly T[], item: T): T[] =>
  list.some(({ id }) => id === item.id) ? list.map((old) => (old.id === item.id ? item : old)) : [...list, item]

const without = <T extends { readonly id: string }>(list: readonly T[], gone: string): T[] =>
  list.filter(({ id }) => id !== gone)

type ByOwner<T> = Readonly<Record<string, readonly T[]>>
const gathered = <T>(all: ByOwner<T>, owner: string, more: readonly T[]): ByOwner<T> => ({
  ...all,
  [owner]: [...(all[owner] ?? []), ...more],
})

/** The state after an event. */
export function applyEvent(state: BackendState, event: BackendEvent): BackendState {
  switch (event.type) {
    case 'dataset':
      return { ...state, datasets: replaced(state.datasets, event.dataset) }
    case 'dataset-removed':
      return { ...state, datasets: without(state.datasets, event.dataset) }
    case 'run':
      return { ...state, runs: replaced(state.runs, event.run) }
    case 'run-removed':
      return { ...state, runs: without(state.runs, event.run) }
    case 'metrics':
      return { ...state, metrics: gathered(state.metrics, event.run, event.points) }
    case 'job':
      return { ...state, jobs: replaced(state.jobs, event.job) }
    case 'devices':
      return { ...state, devices: event.devices }
    case 'backbones':
      return { ...state, backbones: event.backbones }
    case 'classification':
      return { ...state, classifications: replaced(state.classifications, event.classification) }
    case 'classification-removed':
      return {
        ...state,
        classifications: without(state.classifications, event.classification),
        predictions: Object.fromEntries(
          Object.entries(state.predictions).filter(([id]) => id !== event.classification),
        ),
      }
    case 'class-book':
      return {
        ...state,
        classBooks: [...state.classBooks.filter(({ run }) => run !== event.book.run), event.book],
      }
    case 'predictions':
      return { ...state, predictions: gathered(state.predictions, event.classification, event.predictions) }
  }
}

export interface BackendStore {
  /** null until the first snapshot. */
  readonly state: ComputedRef<BackendState | null>
  /** Rises with every snapshot: after a gap, whatever was read before should be read again. */
  readonly epoch: ComputedRef<number>
}

export function followBackend(backend: Backend): BackendStore {
  const state = shallowRef<BackendState | null>(null)
  const epoch = shallowRef(0)
  backend.subscribe({
    snapshot({ snapshot }) {
      state.value = { ...emptyState, ...snapshot }
      epoch.value++
    },
    event({ event }) {
      if (state.value) state.value = applyEvent(state.value, event)
    },
  })
  return { state: computed(() => state.value), epoch: computed(() => epoch.value) }
}
