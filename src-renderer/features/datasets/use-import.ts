import { computed, ref, shallowRef } from 'vue'
import {
  toWireError,
  type DatasetManifest,
  type Grant,
  type PreflightReport,
  type WireError,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen, useWork, type PickedFile, type UploadProgress } from '../../backend/index.ts'
import { preferredBackbone } from '../../ui/backbones.ts'

/** The way of a drop into the workspace; each step can be left. `extracting`: it is there, its features are being made. */
export type ImportStep = 'idle' | 'sending' | 'inspecting' | 'report' | 'importing' | 'extracting' | 'failed'

export function useImport(done: (dataset: DatasetManifest) => void) {
  const { backend, files } = useUnseen()
  const state = useBackendState()
  const work = useWork()
  const step = ref<ImportStep>('idle')
  const upload = shallowRef<UploadProgress | null>(null)
  const report = shallowRef<PreflightReport | null>(null)
  const error = shallowRef<WireError | null>(null)
  const name = ref('')
  const minusOne = ref<'value' | 'unknown'>('value')
  const backbone = ref('')
  const makeFeatures = ref(true)
  /** Once it is there: what fails or is left later takes nothing away. */
  const imported = shallowRef<DatasetManifest | null>(null)
  let abort = new AbortController()
  let granted: readonly Grant[] = []

  function release(): void {
    files.release(granted)
    granted = []
  }
  function fail(thrown: unknown): undefined {
    error.value = toWireError(thrown)
    step.value = 'failed'
    return undefined
  }
  function finish(): void {
    const dataset = imported.value
    imported.value = null
    step.value = 'idle'
    if (dataset) done(dataset)
  }

  function leave(): void {
    abort.abort()
    if (!work.leave()) release()
  }

  async function inspect(grants: readonly Grant[]): Promise<void> {
    granted = grants
    step.value = 'inspecting'
    const found = await work
      .during('inspect', () => backend.inspectDataset({ grants: grants.map(({ id }) => id) }))
      .catch(fail)
    if (!found) {
      release()
      return
    }
    report.value = found
    name.value = found.name
    minusOne.value = 'value'
    backbone.value = preferredBackbone(state.value.backbones, state.value.datasets)
    makeFeatures.value = backbone.value !== ''
    step.value = 'report'
  }

  function begin(): void {
    abort = new AbortController()
    error.value = report.value = upload.value = imported.value = null
  }

  return {
    step,
    upload,
    report,
    error,
    name,
    minusOne,
    backbone,
    makeFeatures,
    imported,
    job: work.job,
    backbones: computed(() => state.value.backbones),

    async addFiles(picked: readonly PickedFile[]): Promise<void> {
      if (picked.length === 0) return
      begin()
      step.value = 'sending'
      const grants = await work
        .during(null, () => files.grant(picked, (sent) => (upload.value = sent), abort.signal))
        .catch(fail)
      if (grants) await inspect(grants)
    },

    async addGrant(grant: Grant): Promise<void> {
      begin()
      await inspect([grant])
    },

    async confirm(): Promise<void> {
      const from = report.value
      if (!from) return
      step.value = 'importing'
      const dataset = await work
        .during('import', () =>
          backend.importDataset({
            report: from.id,
            name: name.value,
            ...(from.minusOnes > 0 ? { minusOne: minusOne.value } : {}),
          }),
        )
        .catch(fail)
      release()
      if (!dataset) return
      imported.value = dataset
      // The same content, imported before, comes back with the features that it had.
      if (dataset.photos && makeFeatures.value && dataset.counts.features === null) {
        step.value = 'extracting'
        const made = await work
          .during('extract', () => backend.extractFeatures({ dataset: dataset.id, backbone: backbone.value }))
          .catch(fail)
        if (!made) return
      }
      finish()
    },

    /** Stops sending and long work, because nobody waits for it any more. */
    leave,
    /** Leaves whatever step it is in. What is imported stays, and is shown. */
    cancel(): void {
      leave()
      finish()
    },
  }
}
