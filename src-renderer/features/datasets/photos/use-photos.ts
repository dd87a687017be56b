import { computed, reactive, ref, shallowRef, watch, type Ref } from 'vue'
import {
  photoPlaceSchema,
  toWireError,
  type DatasetDetail,
  type DatasetEdit,
  type PhotoTable,
  type WireError,
} from '../../../../src-main/contract/index.ts'
import { useUnseen } from '../../../backend/index.ts'
import { listPhotos, placeOf, wholeList, type PhotoFilter } from './photo-list.ts'

/** The photos of a dataset: which are shown, which are selected, and what is done to those. */
export function usePhotos(detail: Ref<DatasetDetail>, edit: (edits: DatasetEdit[]) => Promise<boolean>) {
  const { backend, epoch } = useUnseen()
  const { id } = detail.value
  const table = shallowRef<PhotoTable | null>(null)
  const error = shallowRef<WireError | null>(null)
  const filter = reactive<{ -readonly [K in keyof PhotoFilter]: PhotoFilter[K] }>({ ...wholeList })
  const selected = ref<ReadonlySet<number>>(new Set())

  let reading = 0
  async function load(): Promise<void> {
    const mine = ++reading
    try {
      const read = await backend.getPhotos({ dataset: id })
      if (mine === reading) table.value = read
    } catch (thrown) {
      if (mine === reading) error.value = toWireError(thrown)
    }
  }
  watch([epoch, detail], load, { immediate: true })

  const items = computed(() => (table.value ? listPhotos(table.value, detail.value.classes, { ...filter }) : []))
  // A photo that is no longer shown must not be changed unseen.
  watch(items, (now) => {
    const there = new Set(now)
    const kept = [...selected.value].filter((photo) => there.has(photo))
    if (kept.length < selected.value.size) selected.value = new Set(kept)
  })
  const places = computed(() =>
    [...selected.value].map((photo) => (table.value ? placeOf(table.value, photo) : 'none')),
  )

  /** Edits those that were selected; afterwards nothing is. */
  async function withSelected(made: (photos: number[]) => DatasetEdit): Promise<void> {
    const photos = [...selected.value].sort((a, b) => a - b)
    if (photos.length > 0 && (await edit([made(photos)]))) selected.value = new Set()
  }

  return {
    table,
    error,
    filter,
    items,
    selected,
    /** Whether any of the selected can be removed, and whether any can be restored. */
    removable: computed(() => places.value.some((place) => place !== 'removed')),
    restorable: computed(() => places.value.some((place) => place === 'removed')),
    anyRemoved: computed(() => table.value?.places.includes(photoPlaceSchema.options.indexOf('removed')) ?? false),

    thumbnails: (photos: number[]) => backend.getThumbnails({ dataset: id, photos }),
    picture: (photo: number) => backend.getPhoto({ dataset: id, photo }),

    relabel: (to: number) => withSelected((photos) => ({ kind: 'relabel', photos, class: to })),
    remove: () => withSelected((photos) => ({ kind: 'remove-photos', photos })),
    restore: () => withSelected((photos) => ({ kind: 'restore-photos', photos })),
  }
}
