import { ref, shallowRef } from 'vue'
import { toWireError, type DatasetId, type Grant, type WireError } from '../../../../src-main/contract/index.ts'
import { useUnseen, useWork, type PickedFile, type UploadProgress } from '../../../backend/index.ts'
import { t } from '../../../locales/index.ts'
import { useToasts } from '../../../ui/toasts.ts'

/** The way of more photos into a class: sending, then reading them. */
export function useAdding(dataset: DatasetId) {
  const { backend, files } = useUnseen()
  const work = useWork()
  const { show } = useToasts()
  const busy = ref(false)
  const upload = shallowRef<UploadProgress | null>(null)
  const error = shallowRef<WireError | null>(null)
  let abort = new AbortController()

  return {
    job: work.job,
    busy,
    upload,
    error,

    async add(picked: readonly PickedFile[], to: number): Promise<void> {
      if (picked.length === 0) return
      abort = new AbortController()
      busy.value = true
      error.value = upload.value = null
      let granted: Grant[] = []
      try {
        granted =
          (await work.during(null, () => files.grant(picked, (sent) => (upload.value = sent), abort.signal))) ?? []
        const result =
          granted.length > 0
            ? await work.during('import', () =>
                backend.addPhotos({ dataset, class: to, grants: granted.map(({ id }) => id) }),
              )
            : undefined
        busy.value = false
        if (result) {
          const { added, leftOut } = result
          const next = leftOut.map(({ message }) => message).join(' ')
          show({ tone: 'plain', message: t('photos.added', { count: added }), ...(next === '' ? {} : { next }) })
        }
      } catch (thrown) {
        error.value = toWireError(thrown)
      } finally {
        files.release(granted)
      }
    },

    /** Leaves it: what has not been added stays out. */
    cancel(): void {
      abort.abort()
      work.leave()
      busy.value = false
      error.value = null
    },
  }
}
