import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { Classification } from '../../../src-main/contract/index.ts'
import { arrange, type Filter, type Order, type PhotoRow } from './rows.ts'

/** Which photos are shown, in what order, and which of those are chosen. */
export function useArranged(rows: Ref<readonly PhotoRow[]>, classification: Ref<Classification | null>) {
  const filter = ref<Filter>('all')
  const order = ref<Order>('file')
  const find = ref('')
  const selected = shallowRef<ReadonlySet<number>>(new Set())

  const shown = computed(() => {
    const classNames = classification.value?.classes.map(({ name }) => name) ?? []
    return arrange(rows.value, { filter: filter.value, order: order.value, text: find.value, classNames })
  })
  const chosen = computed(() => {
    const byPhoto = new Map(rows.value.map((row) => [row.photo, row]))
    return [...selected.value].flatMap((photo) => byPhoto.get(photo) ?? [])
  })
  // A photo that is no longer shown must not be changed unseen.
  watch(shown, (now) => {
    const there = new Set(now.map(({ photo }) => photo))
    const kept = [...selected.value].filter((photo) => there.has(photo))
    if (kept.length < selected.value.size) selected.value = new Set(kept)
  })
  return { filter, order, find, selected, shown, chosen }
}
