import { ref, shallowRef } from 'vue'
import type { ClassInfo, DatasetDetail, DatasetEdit } from '../../../../src-main/contract/index.ts'
import { useUnseen } from '../../../backend/index.ts'
import { useToasts } from '../../../ui/toasts.ts'

/** A fifth of the classes, as benchmarks hold out; at least one. */
export const usualUnseen = (classes: number): number => Math.max(1, Math.round(classes / 5))

/** One step of undo that makes exactly these classes unseen; nothing where they are so already. */
export function roleEdits(classes: readonly ClassInfo[], unseen: ReadonlySet<number>): DatasetEdit[] {
  const turning = (role: 'seen' | 'unseen') =>
    classes
      .filter((one) => unseen.has(one.index) === (role === 'unseen') && one.role !== role)
      // Nobody has photos of it: it cannot be learned from.
      .filter((one) => role === 'unseen' || one.images > 0)
      .map(({ index }) => index)
  return (['unseen', 'seen'] as const).flatMap((role) => {
    const turned = turning(role)
    return turned.length > 0 ? [{ kind: 'set-role' as const, classes: turned, role }] : []
  })
}

/** Classes that could be unseen while every attribute is still shown by a seen one. */
export function useSuggestion() {
  const { backend } = useUnseen()
  const { fail } = useToasts()
  const asking = ref(false)
  const suggested = shallowRef<ReadonlySet<number> | null>(null)
  return {
    asking,
    suggested,
    async suggest({ id }: DatasetDetail, count: number): Promise<void> {
      asking.value = true
      try {
        suggested.value = new Set((await backend.suggestUnseen({ dataset: id, count })).classes)
      } catch (thrown) {
        fail(thrown)
      } finally {
        asking.value = false
      }
    },
    dismiss: (): void => void (suggested.value = null),
  }
}
