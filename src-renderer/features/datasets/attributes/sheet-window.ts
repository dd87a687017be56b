import { computed, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'
import type { Matrix } from '../../../../src-main/contract/index.ts'
import { visibleSlice } from '../../../ui/virtual.ts'
import type { Cell } from './sheet.ts'

// Pixels.
export const nameWidth = 190
export const cellWidth = 92
export const cellHeight = 30

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at)

/** Which rows and columns of a table are near the viewport, under its head and beside its names. */
export function useSheetWindow(
  viewport: Readonly<Ref<HTMLElement | null>>,
  matrix: () => Matrix,
  grouped: () => boolean,
) {
  const headHeight = computed(() => (grouped() ? 68 : 50))
  const [scrollTop, scrollLeft] = [ref(0), ref(0)]
  const [tall, wide] = [ref(500), ref(900)]

  const down = computed(() => visibleSlice(scrollTop.value, tall.value, cellHeight, matrix().rows))
  const across = computed(() => visibleSlice(scrollLeft.value, wide.value - nameWidth, cellWidth, matrix().columns, 4))

  function onScroll(): void {
    scrollTop.value = viewport.value?.scrollTop ?? 0
    scrollLeft.value = viewport.value?.scrollLeft ?? 0
  }
  /** Scrolls no farther than it takes to see the whole cell. */
  function reveal({ row, column }: Cell): void {
    const box = viewport.value
    if (!box) return
    const [top, left] = [row * cellHeight, column * cellWidth]
    const [room, breadth] = [box.clientHeight - headHeight.value, box.clientWidth - nameWidth]
    if (top < box.scrollTop) box.scrollTop = top
    else if (top + cellHeight > box.scrollTop + room) box.scrollTop = top + cellHeight - room
    if (left < box.scrollLeft) box.scrollLeft = left
    else if (left + cellWidth > box.scrollLeft + breadth) box.scrollLeft = left + cellWidth - breadth
    onScroll()
  }

  const observer = new ResizeObserver(() => {
    tall.value = viewport.value?.clientHeight ?? 0
    wide.value = viewport.value?.clientWidth ?? 0
  })
  onMounted(() => viewport.value && observer.observe(viewport.value))
  onBeforeUnmount(() => observer.disconnect())

  return {
    headHeight,
    rows: computed(() => range(down.value.from, down.value.to)),
    columns: computed(() => range(across.value.from, across.value.to)),
    /** Width of the columns before the first of these. */
    before: computed(() => across.value.from * cellWidth),
    /** Rows that a page key moves by. */
    page: computed(() => Math.max(1, Math.floor((tall.value - headHeight.value) / cellHeight) - 1)),
    onScroll,
    reveal,
  }
}
