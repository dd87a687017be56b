import { computed, ref } from 'vue'
import type { Job } from '../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from './unseen.ts'

/** Long commands, one at a time: the job of the one that goes on, and the way out of it. */
export function useWork() {
  const { backend } = useUnseen()
  const state = useBackendState()
  const kind = ref<Job['kind'] | null>(null)
  /** Jobs that were there before the command: the one that is not among them is ours. */
  let known = new Set<string>()
  let attempt = 0

  const job = computed<Job | null>(
    () => state.value.jobs.findLast((one) => one.kind === kind.value && !known.has(one.id)) ?? null,
  )

  return {
    /** null before it has started, and while nothing is done. */
    job,

    /** The result of a command whose job is of this kind; undefined when it was left meanwhile. Rejects with its failure. */
    async during<T>(doing: Job['kind'] | null, command: () => Promise<T>): Promise<T | undefined> {
      const mine = ++attempt
      known = new Set(state.value.jobs.map(({ id }) => id))
      kind.value = doing
      try {
        const result = await command()
        return mine === attempt ? result : undefined
      } catch (thrown) {
        if (mine !== attempt) return undefined
        throw thrown
      } finally {
        if (mine === attempt) kind.value = null
      }
    },

    /** Waits no longer, and cancels the job. Returns whether there was one to cancel. */
    leave(): boolean {
      const running = job.value?.state === 'running' ? job.value : null
      attempt++
      kind.value = null
      if (running) void backend.cancelJob({ job: running.id }).catch(() => undefined)
      return running !== null
    },
  }
}
