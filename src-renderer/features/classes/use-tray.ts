import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import {
  toWireError,
  type ClassificationId,
  type Grant,
  type RunSummary,
  type Tray,
  type TraySource,
  type WireError,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen, type PickedFile, type UploadProgress } from '../../backend/index.ts'
import { useToasts } from '../../ui/toasts.ts'

/** Which photos are looked at: a kind of the dataset's images, or the id of dropped ones. */
export const datasetSources = ['test-unseen', 'test-seen', 'test', 'unlabelled'] as const
export type TrayKey = (typeof datasetSources)[number] | `photos:${ClassificationId}`

const isDatasetKey = (key: TrayKey): key is (typeof datasetSources)[number] => !key.startsWith('photos:')
const sourceOf = (key: TrayKey): TraySource =>
  isDatasetKey(key)
    ? { kind: 'dataset', images: key }
    : { kind: 'classification', classification: key.slice('photos:'.length) }

/** The photo tray of a run: where its photos come from, and how dropped ones get there. */
export function useTray(run: RunSummary) {
  const { backend, files } = useUnseen()
  const state = useBackendState()
  const { fail } = useToasts()
  const remembered = `unseen:tray:${run.id}`

  const key = ref<TrayKey>((sessionStorage.getItem(remembered) as TrayKey | null) ?? 'test-unseen')
  const tray = shallowRef<Tray | null>(null)
  const error = shallowRef<WireError | null>(null)
  const opening = ref(false)
  const upload = shallowRef<UploadProgress | null>(null)
  const sending = ref(false)
  let abort = new AbortController()

  const dropped = computed(() => state.value.classifications.filter((one) => one.run === run.id && one.photos > 0))
  /** Dropped photos that the tray waits for. */
  const awaited = ref<ClassificationId | null>(null)
  const looking = computed(() => state.value.classifications.find(({ id }) => id === awaited.value) ?? null)

  let attempt = 0
  async function open(): Promise<void> {
    const mine = ++attempt
    opening.value = true
    try {
      const opened = await backend.openTray({ run: run.id, source: sourceOf(key.value) })
      if (mine !== attempt) return
      tray.value = opened
      error.value = null
    } catch (thrown) {
      if (mine !== attempt) return
      tray.value = null
      error.value = toWireError(thrown)
      // What was remembered may be gone since.
      if (!isDatasetKey(key.value)) key.value = 'test-unseen'
    } finally {
      if (mine === attempt) opening.value = false
    }
  }
  watch(
    key,
    (chosen) => {
      sessionStorage.setItem(remembered, chosen)
      void open()
    },
    { immediate: true },
  )

  watch(looking, (one) => {
    if (!one || one.state === 'running') return
    awaited.value = null
    if (one.error) fail(one.error)
    if (one.done > 0) key.value = `photos:${one.id}`
  })

  async function look(grants: readonly Grant[]): Promise<void> {
    if (grants.length === 0) return
    const { id } = await backend.startClassification({ run: run.id, grants: grants.map((one) => one.id) })
    awaited.value = id
  }
  async function during(work: () => Promise<void>): Promise<void> {
    if (sending.value || awaited.value !== null) return
    sending.value = true
    abort = new AbortController()
    try {
      await work()
    } catch (thrown) {
      if (!abort.signal.aborted) fail(thrown)
    } finally {
      sending.value = false
      upload.value = null
    }
  }
  onBeforeUnmount(() => abort.abort())

  return {
    key: computed(() => key.value),
    choose: (wanted: TrayKey): void => void (key.value = wanted),
    tray,
    error,
    opening,
    dropped,
    /** Dropped photos on their way: first sent, then looked at. */
    sending,
    upload,
    looking,
    /** Whether photos can be dropped: the run must know what made its features. */
    takesPhotos: run.backbone !== null,
    classification: computed<ClassificationId | null>(() =>
      isDatasetKey(key.value) ? null : key.value.slice('photos:'.length),
    ),
    thumbnails: computed(() => {
      const [opened, from] = [tray.value, sourceOf(key.value)]
      return (places: number[]): Promise<readonly Uint8Array[]> => {
        const photos = places.map((at) => opened!.photos[at].photo)
        return from.kind === 'dataset'
          ? backend.getThumbnails({ dataset: run.dataset, photos })
          : backend.getClassifiedThumbnails({ classification: from.classification, photos })
      }
    }),
    addGrants: (grants: readonly Grant[]) => during(() => look(grants)),
    addFiles: (picked: readonly PickedFile[]) =>
      during(async () => {
        const grants = await files.grant(picked, (sent) => (upload.value = sent), abort.signal)
        if (abort.signal.aborted) files.release(grants)
        else await look(grants)
      }),
    cancel(): void {
      abort.abort()
      if (awaited.value !== null) void backend.cancelClassification({ classification: awaited.value }).catch(fail)
    },
  }
}

export type OpenTray = ReturnType<typeof useTray>
