import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { toWireError, type DatasetManifest, type RunId, type WireError } from '../../../../src-main/contract/index.ts'
import { useBackendState, useUnseen, useWork } from '../../../backend/index.ts'

export const demoSteps = ['draw', 'look', 'learn'] as const

/** From nothing to a trained model: draws the demo dataset, looks at its pictures, and trains. */
export function useDemo(done: (run: RunId) => void) {
  const { backend } = useUnseen()
  const state = useBackendState()
  const work = useWork()
  /** Which of the steps goes on; null while none does. */
  const at = ref<number | null>(null)
  const error = shallowRef<WireError | null>(null)
  const training = ref<RunId | null>(null)

  const run = computed(() => state.value.runs.find(({ id }) => id === training.value) ?? null)
  const job = computed(() =>
    training.value === null
      ? work.job.value
      : (state.value.jobs.findLast((one) => one.run === training.value && one.state === 'running') ?? null),
  )

  /** A model of just this dataset that is there already. */
  const finished = ({ id, contentHash }: DatasetManifest) =>
    state.value.runs.findLast(
      (one) =>
        one.dataset === id && one.datasetHash === contentHash && one.method === 'ipn' && one.state === 'finished',
    )

  function end(): void {
    at.value = training.value = null
    error.value = null
  }
  function arrive(id: RunId): void {
    end()
    done(id)
  }

  // The result is what was asked for; a training that ended otherwise tells so on its page.
  watch(
    () => run.value?.state,
    (now) => {
      if (training.value !== null && now !== undefined && now !== 'running') arrive(training.value)
    },
  )
  onScopeDispose(() => void work.leave())

  return {
    at,
    error,
    job,
    /** Whether it has come to the training, which can be watched on its own page. */
    learning: computed(() => training.value !== null),

    async start(): Promise<void> {
      at.value = 0
      error.value = null
      try {
        let dataset = await work.during('demo', () => backend.createDemo({}))
        if (!dataset) return
        const known = finished(dataset)
        if (known) {
          arrive(known.id)
          return
        }
        at.value = 1
        if (dataset.counts.features === null) {
          const { id } = dataset
          dataset = await work.during('extract', () => backend.extractFeatures({ dataset: id, backbone: 'basic' }))
          if (!dataset) return
        }
        at.value = 2
        const { id } = dataset
        const started = await work.during(null, () =>
          // So few pictures are learned by heart after more: held-out classes are told apart best at about 1,000 episodes.
          backend.startTraining({ dataset: id, preset: 'quick', set: { episodes: 1000 }, baseline: true }),
        )
        if (started) training.value = started.id
      } catch (thrown) {
        error.value = toWireError(thrown)
      }
    },

    watchIt(): void {
      if (training.value !== null) arrive(training.value)
    },

    /** Stops what goes on; what is drawn and looked at stays. */
    cancel(): void {
      const started = training.value
      end()
      work.leave()
      if (started !== null) void backend.stopTraining({ run: started }).catch(() => undefined)
    },
  }
}
