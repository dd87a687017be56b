import { computed, ref, watch } from 'vue'
import type { AskedImage, Explanation, RunId } from '../../../../src-main/contract/index.ts'
import { useUnseen } from '../../../backend/index.ts'
import { useLatest } from '../../../ui/latest.ts'

interface Asked {
  readonly run: RunId
  readonly image: AskedImage
  readonly gamma: number
  readonly against: number | null
}

/** Reasons for what an image is called, asked again when the image, γ or the class that it is compared with changes. */
export function useExplanation(asked: () => Omit<Asked, 'against'>) {
  const { backend } = useUnseen()
  /** null: the runner-up. */
  const against = ref<number | null>(null)
  const latest = useLatest<Asked, Explanation>((question) => backend.explain(question))
  const { answer, error } = latest
  const same = (question: Omit<Asked, 'against'>): string => JSON.stringify([question.run, question.image])

  // Another image has another runner-up, and its winner may be the class that this one was compared with.
  watch(
    () => same(asked()),
    () => (against.value = null),
  )
  watch(
    () => ({ ...asked(), against: against.value }),
    (question) => latest.want(() => question),
    { immediate: true },
  )
  // At another γ the class that it was compared with may win.
  watch(error, (refused) => {
    if (refused?.code === 'explain/no-such-class') against.value = null
  })
  /** What is known of this image; of another there is nothing to show. */
  const current = computed(() => (answer.value && same(answer.value.of) === same(asked()) ? answer.value : null))
  return {
    against,
    explanation: computed(() => current.value?.is ?? null),
    error,
    /** Whether what is shown is of another γ or comparison than what was asked. */
    behind: computed(
      () => JSON.stringify(current.value?.of) !== JSON.stringify({ ...asked(), against: against.value }),
    ),
  }
}
