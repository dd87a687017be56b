import { computed, onScopeDispose, ref, shallowReactive, shallowRef, watch, type Ref } from 'vue'
import type { ClassEdit, UserClassId, VisualSource } from '../../../src-main/contract/index.ts'
import type { OpenClassBook } from './use-class-book.ts'

/** Movements of one slider that follow each other so quickly are one step of undo. */
const settleAfter = 350 // ms

/**
 * The chosen class as it is on the page: ahead of the book while something moves, kept in it once it rests. Every value is
 * reactive by itself, so that a movement draws one row and not three hundred.
 */
export function useDraft(
  { book, edit, waiting }: Pick<OpenClassBook, 'book' | 'edit' | 'waiting'>,
  chosen: Ref<UserClassId | null>,
) {
  const values = shallowReactive<number[]>([])
  const visual = shallowRef<VisualSource>({ anchors: null, photoWeight: null })
  /** Rises with every change of what the class is. */
  const moment = ref(0)
  let id: UserClassId | null = null
  const moved = new Map<number, number | null>()
  let blended: VisualSource | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const kept = computed(() => book.value?.yours.find((one) => one.id === chosen.value) ?? null)

  /** Keeps what was moved. */
  async function flush(): Promise<void> {
    clearTimeout(timer)
    if (id === null) return
    const edits: ClassEdit[] = []
    if (moved.size > 0)
      edits.push({
        kind: 'set-attributes',
        class: id,
        cells: [...moved].map(([attribute, value]) => ({ attribute, value })),
      })
    if (blended) edits.push({ kind: 'set-visual', class: id, visual: blended })
    moved.clear()
    blended = null
    if (edits.length > 0 && !(await edit(edits))) follow()
  }

  /** Takes over what the book says, but for what is moved here and not answered yet. */
  function follow(): void {
    const source = kept.value
    const isOther = source?.id !== id
    if (isOther) {
      id = source?.id ?? null
      values.length = 0
      if (!source) moment.value++
    }
    if (!source || (waiting.value > 0 && !isOther)) return
    let changed = false
    source.attributes.forEach((value, at) => {
      if (moved.has(at) || Object.is(values[at], value)) return
      values[at] = value
      changed = true
    })
    if (!blended && visual.value !== source.visual) {
      visual.value = source.visual
      changed = true
    }
    if (changed) moment.value++
  }

  watch(chosen, () => void flush(), { flush: 'sync' })
  watch([kept, () => waiting.value === 0], follow, { immediate: true, flush: 'sync' })
  const leaving = (): void => void flush()
  window.addEventListener('pagehide', leaving)
  onScopeDispose(() => {
    window.removeEventListener('pagehide', leaving)
    void flush()
  })

  function rest(): void {
    clearTimeout(timer)
    timer = setTimeout(() => void flush(), settleAfter)
  }

  return {
    kept,
    values,
    visual: computed(() => visual.value),
    moment: computed(() => moment.value),
    flush,
    /** Several fast movements of the same thing: keep them when they come to rest. */
    rest,

    /** null: not known. */
    move(attribute: number, value: number | null): void {
      if (id === null) return
      if (blended || (moved.size > 0 && !moved.has(attribute))) void flush()
      clearTimeout(timer)
      values[attribute] = value === null ? NaN : Math.fround(value)
      moved.set(attribute, value)
      moment.value++
    },

    blend(next: VisualSource): void {
      if (id === null) return
      if (moved.size > 0) void flush()
      clearTimeout(timer)
      visual.value = next
      blended = next
      moment.value++
    },
  }
}

export type Draft = ReturnType<typeof useDraft>
