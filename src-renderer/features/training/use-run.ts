import { computed, shallowRef, watch } from 'vue'
import {
  toWireError,
  type RunDetail,
  type RunId,
  type RunSummary,
  type WireError,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from '../../backend/index.ts'
import { t } from '../../locales/index.ts'
import { useToasts } from '../../ui/toasts.ts'
import type { MethodCurve } from './curve.ts'
import { mergePoints } from './progress.ts'

/** Stop, resume and remove, each with its failure told. */
export function useRunActions() {
  const { backend } = useUnseen()
  const { show, fail } = useToasts()
  const told = async (work: () => Promise<unknown>): Promise<boolean> => {
    try {
      await work()
      return true
    } catch (thrown) {
      fail(thrown)
      return false
    }
  }
  return {
    stop: (run: RunId) => told(() => backend.stopTraining({ run })),
    resume: (run: RunId) => told(() => backend.resumeTraining({ run })),
    /** Resolves to whether it is gone; Undo stands ready for a while. */
    remove: (run: RunId) =>
      told(async () => {
        await backend.removeRun({ run })
        show({
          tone: 'plain',
          message: t('run.removed'),
          action: {
            label: t('action.undo'),
            run: async () => {
              await backend.restoreRun({ run })
            },
          },
        })
      }),
  }
}

/** One run as it is now: its summary, all of its metrics, its job while it runs, and the baseline beside it. */
export function useRun(id: RunId) {
  const { backend, epoch } = useUnseen()
  const state = useBackendState()
  const detail = shallowRef<RunDetail | null>(null)
  const beside = shallowRef<RunDetail | null>(null)
  const error = shallowRef<WireError | null>(null)

  const run = computed(() => state.value.runs.find((one) => one.id === id) ?? null)
  const dataset = computed(() => state.value.datasets.find((one) => one.id === run.value?.dataset) ?? null)
  const baseline = computed(() => state.value.runs.find((one) => one.id === run.value?.baseline) ?? null)
  const job = computed(
    () =>
      state.value.jobs.findLast((one) => one.run === id && (one.state === 'running' || one.state === 'cancelling')) ??
      null,
  )
  const points = computed(() => mergePoints(detail.value?.metrics ?? [], state.value.metrics[id] ?? []))

  // Read again whenever events may have been missed, and once more when it ends: only then there is a curve.
  watch(
    [epoch, () => run.value?.state],
    async () => {
      if (!run.value) return
      try {
        detail.value = await backend.getRun({ run: id })
        error.value = null
      } catch (thrown) {
        error.value = toWireError(thrown)
      }
    },
    { immediate: true },
  )

  // The baseline's curve is drawn beside the run's own. Without it the picture is whole too, so that no failure is told.
  watch(
    [epoch, () => baseline.value?.result && baseline.value.id],
    async ([, baselineId]) => {
      beside.value = baselineId ? await backend.getRun({ run: baselineId }).catch(() => null) : null
    },
    { immediate: true },
  )
  const drawn = (of: RunDetail | null, now: RunSummary | null): MethodCurve[] =>
    of?.curve && now?.result ? [{ method: of.method, curve: of.curve, result: now.result }] : []
  /** The run's own first; none before its own is there. */
  const curves = computed(() => {
    const own = drawn(detail.value, run.value)
    return own.length > 0 ? [...own, ...drawn(beside.value, baseline.value)] : []
  })

  return { run, dataset, baseline, job, points, curves, error }
}
