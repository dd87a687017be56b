import { ref, shallowRef } from 'vue'
import { toWireError, type BackboneId, type DatasetId, type WireError } from '../../src-main/contract/index.ts'
import { useUnseen } from './unseen.ts'
import { useWork } from './work.ts'

/** Making the features of a dataset's photos: watched, and left without harm (what was made stays in the cache). */
export function useExtraction() {
  const { backend } = useUnseen()
  const work = useWork()
  const busy = ref(false)
  const error = shallowRef<WireError | null>(null)

  return {
    job: work.job,
    /** Until it is through, was left, or its failure was read. */
    busy,
    error,

    /** Resolves to whether the features are there. */
    async extract(dataset: DatasetId, backbone: BackboneId): Promise<boolean> {
      busy.value = true
      error.value = null
      try {
        const done = await work.during('extract', () => backend.extractFeatures({ dataset, backbone }))
        if (!done) return false
        busy.value = false
        return true
      } catch (thrown) {
        error.value = toWireError(thrown)
        return false
      }
    },

    leave(): void {
      work.leave()
      busy.value = false
      error.value = null
    },
  }
}
