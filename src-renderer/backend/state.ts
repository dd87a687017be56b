import { computed, shallowRef, type ComputedRef } from 'vue'
import type { Backend, BackendEvent, MetricPoint, RunId, Snapshot } from '../../src-main/contract/index.ts'

/** All that is visible of the backend, and the metrics that arrived since the last snapshot. */
export interface BackendState extends Snapshot {
  readonly metrics: Readonly<Record<RunId, readonly MetricPoint[]>>
}

const replaced = <T extends { readonly id: string }>(list: readonly T[], item: T): T[] =>
  list.some(({ id }) => id === item.id) ? list.map((old) => (old.id === item.id ? item : old)) : [...list, item]

const without = <T extends { readonly id: string }>(list: readonly T[], gone: string): T[] =>
  list.filter(({ id }) => id !== gone)

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
      return {
        ...state,
        metrics: { ...state.metrics, [event.run]: [...(state.metrics[event.run] ?? []), ...event.points] },
      }
    case 'job':
      return { ...state, jobs: replaced(state.jobs, event.job) }
    case 'devices':
      return { ...state, devices: event.devices }
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
      state.value = { ...snapshot, metrics: {} }
      epoch.value++
    },
    event({ event }) {
      if (state.value) state.value = applyEvent(state.value, event)
    },
  })
  return { state: computed(() => state.value), epoch: computed(() => epoch.value) }
}
