import { computed, type Ref } from 'vue'
import { useRouter } from 'vue-router'
import type { DatasetId, DatasetManifest, RunId, RunSummary } from '../../../src-main/contract/index.ts'
import { useBackendState } from '../../backend/index.ts'

/** Whose graphs are looked at: a finished run's or a dataset's. */
export type Source =
  | { readonly kind: 'run'; readonly key: string; readonly run: RunSummary }
  | { readonly kind: 'dataset'; readonly key: string; readonly dataset: DatasetManifest }

const memory = 'unseen:graphs'

/** What there is to look at, the newest first, and which of it is: as the address says, else as the last time. */
export function useSource(wanted: Ref<{ run: RunId | null; dataset: DatasetId | null }>) {
  const state = useBackendState()
  const router = useRouter()

  const runs = computed(() =>
    state.value.runs
      .filter(({ method, state: now }) => method === 'ipn' && now === 'finished')
      .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
      .map((run): Source => ({ kind: 'run', key: `run:${run.id}`, run })),
  )
  const datasets = computed(() =>
    state.value.datasets
      .filter(({ counts }) => counts.attributes > 0)
      .sort((a, b) => b.importedAt.localeCompare(a.importedAt))
      .map((dataset): Source => ({ kind: 'dataset', key: `dataset:${dataset.id}`, dataset })),
  )
  const source = computed<Source | null>(() => {
    const { run, dataset } = wanted.value
    const all = [...runs.value, ...datasets.value]
    const named = run !== null ? `run:${run}` : dataset !== null ? `dataset:${dataset}` : localStorage.getItem(memory)
    return all.find(({ key }) => key === named) ?? all.at(0) ?? null
  })

  return {
    runs,
    datasets,
    source,
    choose: (key: string): void => {
      localStorage.setItem(memory, key)
      const [kind, id] = key.split(':')
      void router.replace({ query: { [kind]: id } })
    },
  }
}
