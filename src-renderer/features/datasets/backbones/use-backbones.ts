import { computed, ref, shallowRef } from 'vue'
import type { Backbone, Job } from '../../../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from '../../../backend/index.ts'
import { t } from '../../../locales/index.ts'
import { useToasts } from '../../../ui/toasts.ts'

/** What can be done to the backbones; several may be on their way at once. */
export function useBackbones() {
  const { backend } = useUnseen()
  const state = useBackendState()
  const { show, fail } = useToasts()
  /** The one that was removed last, until it is brought back: a dialog that is open keeps toasts out of reach. */
  const removed = shallowRef<Backbone | null>(null)
  /** Those whose download was asked for here and has not ended. */
  const asked = ref<ReadonlySet<string>>(new Set())

  const jobOf = ({ name, id }: Backbone): Job | null =>
    state.value.jobs.findLast(
      (job) =>
        job.kind === 'backbone' &&
        (job.state === 'running' || job.state === 'cancelling') &&
        (job.title === name || job.title === id),
    ) ?? null

  return {
    backbones: computed(() => state.value.backbones),
    removed,
    jobOf,
    coming: (one: Backbone): boolean => asked.value.has(one.id) || jobOf(one) !== null,

    async download(one: Backbone): Promise<void> {
      asked.value = new Set([...asked.value, one.id])
      try {
        await backend.downloadBackbone({ backbone: one.id })
        show({ tone: 'plain', message: t('backbones.fetched', { name: one.name }) })
      } catch (thrown) {
        // Who cancels it knows.
        if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'job/cancelled')) fail(thrown)
      } finally {
        asked.value = new Set([...asked.value].filter((id) => id !== one.id))
      }
    },

    async cancel(one: Backbone): Promise<void> {
      const job = jobOf(one)
      if (job) await backend.cancelJob({ job: job.id }).catch(fail)
    },

    async remove(one: Backbone): Promise<void> {
      try {
        await backend.removeBackbone({ backbone: one.id })
      } catch (thrown) {
        fail(thrown)
        return
      }
      removed.value = one
    },

    async restore(): Promise<void> {
      const one = removed.value
      removed.value = null
      if (one) await backend.restoreBackbone({ backbone: one.id }).catch(fail)
    },
  }
}
