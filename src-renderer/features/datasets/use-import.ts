import { computed, ref, shallowRef } from 'vue'
import {
  toWireError,
  type DatasetManifest,
  type Grant,
  type Job,
  type PreflightReport,
  type WireError,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen, type PickedFile, type UploadProgress } from '../../backend/index.ts'

/** The way of a drop into the workspace; each step can be left. */
export type ImportStep = 'idle' | 'sending' | 'inspecting' | 'report' | 'importing' | 'failed'

export function useImport(done: (dataset: DatasetManifest) => void) {
  const { backend, files } = useUnseen()
  const state = useBackendState()
  const step = ref<ImportStep>('idle')
  const upload = shallowRef<UploadProgress | null>(null)
  const report = shallowRef<PreflightReport | null>(null)
  const error = shallowRef<WireError | null>(null)
  const name = ref('')
  const minusOne = ref<'value' | 'unknown'>('value')
  /** Jobs that were there before this step: the one that is not among them is ours. */
  let known = new Set<string>()
  let abort = new AbortController()
  let attempt = 0
  let granted: readonly Grant[] = []

  const job = computed<Job | null>(() => {
    const kind = step.value === 'inspecting' ? 'inspect' : step.value === 'importing' ? 'import' : null
    return state.value.jobs.findLast((one) => one.kind === kind && !known.has(one.id)) ?? null
  })

  /** Runs one step; what comes after `cancel` finds that its attempt is over. */
  async function during<T>(next: ImportStep, work: () => Promise<T>): Promise<T | undefined> {
    const mine = attempt
    known = new Set(state.value.jobs.map(({ id }) => id))
    step.value = next
    try {
      const result = await work()
      return mine === attempt ? result : undefined
    } catch (thrown) {
      if (mine !== attempt) return undefined
      error.value = toWireError(thrown)
      step.value = 'failed'
      return undefined
    }
  }

  function release(): void {
    files.release(granted)
    granted = []
  }

  async function inspect(grants: readonly Grant[]): Promise<void> {
    granted = grants
    const found = await during('inspecting', () => backend.inspectDataset({ grants: grants.map(({ id }) => id) }))
    if (!found) {
      release()
      return
    }
    report.value = found
    name.value = found.name
    minusOne.value = 'value'
    step.value = 'report'
  }

  function begin(): void {
    attempt++
    abort = new AbortController()
    error.value = report.value = upload.value = null
  }

  return {
    step,
    upload,
    report,
    error,
    name,
    minusOne,
    job,

    async addFiles(picked: readonly PickedFile[]): Promise<void> {
      if (picked.length === 0) return
      begin()
      const grants = await during('sending', () => files.grant(picked, (sent) => (upload.value = sent), abort.signal))
      if (grants) await inspect(grants)
    },

    async addGrant(grant: Grant): Promise<void> {
      begin()
      await inspect([grant])
    },

    async confirm(): Promise<void> {
      const from = report.value
      if (!from) return
      const dataset = await during('importing', () =>
        backend.importDataset({
          report: from.id,
          name: name.value,
          ...(from.minusOnes > 0 ? { minusOne: minusOne.value } : {}),
        }),
      )
      release()
      if (!dataset) return
      step.value = 'idle'
      done(dataset)
    },

    /** Leaves whatever step it is in: sending and long work are stopped, nothing is kept. */
    cancel(): void {
      const running = job.value
      attempt++
      abort.abort()
      step.value = 'idle'
      if (!running) release()
      if (running?.state === 'running') void backend.cancelJob({ job: running.id }).catch(() => undefined)
    },
  }
}
