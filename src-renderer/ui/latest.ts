import { computed, onScopeDispose, shallowRef } from 'vue'
import { toWireError, type WireError } from '../../src-main/contract/index.ts'

/**
 * Asks again and again while something moves: at most one question is on its way, and the next is always about the newest
 * state; those between are never asked.
 */
export function useLatest<Question, Answer>(ask: (question: Question) => Promise<Answer>) {
  const answer = shallowRef<{ readonly of: Question; readonly is: Answer } | null>(null)
  const error = shallowRef<WireError | null>(null)
  const busy = shallowRef(false)
  let newest: (() => Question | null) | null = null
  let over = false

  async function run(): Promise<void> {
    busy.value = true
    while (newest && !over) {
      const question = newest()
      newest = null
      if (question === null) break
      try {
        const is = await ask(question)
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- it may have ended while this waited
        if (over) return
        answer.value = { of: question, is }
        error.value = null
      } catch (thrown) {
        error.value = toWireError(thrown)
      }
    }
    busy.value = false
  }

  onScopeDispose(() => (over = true))

  return {
    /** The newest that was answered. */
    answer: computed(() => answer.value),
    /** Why the newest was not. */
    error: computed(() => error.value),
    busy: computed(() => busy.value),
    /** `question` is asked for when its turn comes; null: there is nothing to ask any more. */
    want(question: () => Question | null): void {
      newest = question
      if (!busy.value) void run()
    },
    forget(): void {
      answer.value = null
      error.value = null
    },
  }
}
