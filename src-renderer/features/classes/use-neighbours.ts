import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import type { ClassBook, ClassGuide, ClassPreview } from '../../../src-main/contract/index.ts'
import { nameIn } from './class-names.ts'

export interface Neighbour {
  readonly name: string
  readonly values: ArrayLike<number>
}

const most = 3
const calm = 250 // ms

/** The nearest classes with their attributes, for the marks on the sliders; they change once a movement rests. */
export function useNeighbours(
  preview: Ref<ClassPreview | null>,
  guide: Ref<ClassGuide | null>,
  book: Ref<ClassBook | null>,
) {
  const neighbours = shallowRef<readonly Neighbour[]>([])
  let timer: ReturnType<typeof setTimeout> | undefined
  let shown = ''

  function find(): void {
    if (!preview.value || !guide.value) return
    const { classes, nearest } = preview.value
    const { rows, classes: own } = guide.value
    const closest = nearest.slice(0, most)
    const key = closest.map(({ class: at }) => classes[at].name).join('\n')
    if (key === shown) return
    shown = key
    neighbours.value = closest.flatMap(({ class: at }) => {
      const { name, role } = classes[at]
      const place = own.findIndex((one) => one.name === name)
      const values =
        role === 'yours'
          ? book.value?.yours.find((one) => one.name === name)?.attributes
          : rows.values.subarray(place * rows.columns, (place + 1) * rows.columns)
      return values ? [{ name: nameIn({ classes }, at), values }] : []
    })
  }
  watch(preview, () => {
    clearTimeout(timer)
    if (neighbours.value.length === 0) find()
    else timer = setTimeout(find, calm)
  })
  onScopeDispose(() => clearTimeout(timer))
  return neighbours
}
