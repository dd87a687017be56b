import { ref, shallowRef } from 'vue'
import { toWireError, type Grant, type Job, type WireError } from '../../../src-main/contract/index.ts'
import { useUnseen, useWork, type PickedFile, type UploadProgress } from '../../backend/index.ts'

/** The way of files to the backend and what it makes of them there: what is going on, and a way out of it. */
export function useSending() {
  const { files } = useUnseen()
  const work = useWork()
  const busy = ref(false)
  const upload = shallowRef<UploadProgress | null>(null)
  const error = shallowRef<WireError | null>(null)
  let abort = new AbortController()

  return {
    job: work.job,
    busy,
    upload,
    error,

    /** `use` is followed by a job of that kind. undefined where it was left, or where an error is shown. */
    async send<T>(
      picked: readonly PickedFile[],
      kind: Job['kind'],
      use: (grants: string[]) => Promise<T>,
    ): Promise<T | undefined> {
      if (picked.length === 0) return undefined
      abort = new AbortController()
      busy.value = true
      error.value = upload.value = null
      let granted: Grant[] = []
      try {
        granted =
          (await work.during(null, () => files.grant(picked, (sent) => (upload.value = sent), abort.signal))) ?? []
        const result = granted.length > 0 ? await work.during(kind, () => use(granted.map(({ id }) => id))) : undefined
        busy.value = false
        return result
      } catch (thrown) {
        error.value = toWireError(thrown)
        return undefined
      } finally {
        files.release(granted)
      }
    },

    /** Leaves it: what was not done stays undone. */
    cancel(): void {
      abort.abort()
      work.leave()
      busy.value = false
      error.value = null
    },
  }
}

export type Sending = ReturnType<typeof useSending>
