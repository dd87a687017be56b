import { computed, onBeforeUnmount, ref, shallowRef } from 'vue'
import { useRouter } from 'vue-router'
import type { Grant, RunSummary } from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen, type PickedFile, type UploadProgress } from '../../backend/index.ts'
import { useToasts } from '../../ui/toasts.ts'

const newestFirst = (a: RunSummary, b: RunSummary): number => b.startedAt.localeCompare(a.startedAt)

/** From dropped photos to the page that shows what is on them. */
export function useNewClassification(wanted: string | null) {
  const { backend, files } = useUnseen()
  const state = useBackendState()
  const router = useRouter()
  const { fail } = useToasts()

  const finished = computed(() => state.value.runs.filter(({ state: now }) => now === 'finished').sort(newestFirst))
  /** Runs that know which network made their features. */
  const runs = computed(() => finished.value.filter(({ backbone }) => backbone !== null))
  const chosen = ref(wanted)
  /** How many classes a person described for a run take part in what it recognises. */
  const yoursOf = (run: RunSummary): number =>
    state.value.classBooks.find((book) => book.run === run.id)?.yours.filter(({ on }) => on).length ?? 0
  /**
   * The chosen run, else of those on the newest data the one that classes were described for, or else the best: by
   * held-out classes, as everything is chosen.
   */
  const run = computed(() => {
    const same = runs.value.filter(({ datasetHash }) => datasetHash === runs.value[0].datasetHash)
    const promise = ({ result }: RunSummary): number => result?.heldOut.H ?? 0
    const best = same.toSorted((a, b) => Math.sign(yoursOf(b)) - Math.sign(yoursOf(a)) || promise(b) - promise(a)).at(0)
    return runs.value.find(({ id }) => id === chosen.value) ?? best ?? null
  })

  const upload = shallowRef<UploadProgress | null>(null)
  const busy = ref(false)
  let abort = new AbortController()

  async function start(grants: readonly Grant[]): Promise<void> {
    if (run.value === null || grants.length === 0) return
    const classification = await backend.startClassification({
      run: run.value.id,
      grants: grants.map(({ id }) => id),
    })
    await router.push({ name: 'classification', params: { classification: classification.id } })
  }

  async function during(work: () => Promise<void>): Promise<void> {
    if (busy.value || run.value === null) return
    busy.value = true
    abort = new AbortController()
    try {
      await work()
    } catch (thrown) {
      if (!abort.signal.aborted) fail(thrown)
    } finally {
      busy.value = false
      upload.value = null
    }
  }
  const cancel = (): void => abort.abort()
  onBeforeUnmount(cancel)

  return {
    finished,
    runs,
    run,
    yoursOf,
    chosen,
    upload,
    busy,
    cancel,
    addGrants: (grants: readonly Grant[]) => during(() => start(grants)),
    addFiles: (picked: readonly PickedFile[]) =>
      during(async () => {
        const grants = await files.grant(picked, (sent) => (upload.value = sent), abort.signal)
        if (abort.signal.aborted) files.release(grants)
        else await start(grants)
      }),
  }
}
