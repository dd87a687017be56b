import { computed, ref, shallowRef, watch } from 'vue'
import {
  presets,
  type DatasetManifest,
  type DeviceChoice,
  type Method,
  type Preset,
  type RunSummary,
  type TrainingConfig,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useExtraction, useUnseen } from '../../backend/index.ts'
import { preferredBackbone } from '../../ui/backbones.ts'
import { long, override, type Knob, type KnobValue, type Overrides } from './knobs.ts'

const largestSeed = 0xffffffff

/** What is asked of a training before it starts. */
export function useTrainingForm(wanted: string | null) {
  const { backend } = useUnseen()
  const state = useBackendState()
  const trainable = computed(() =>
    state.value.datasets.filter(({ counts, photos }) => counts.features !== null || (photos && counts.attributes > 0)),
  )
  /** When it was imported or last trained on: who comes back goes on with it. */
  const touchedAt = ({ id, importedAt }: DatasetManifest): string =>
    state.value.runs.reduce((at, run) => (run.dataset === id && run.startedAt > at ? run.startedAt : at), importedAt)
  const newest = computed(() => [...trainable.value].sort((a, b) => touchedAt(b).localeCompare(touchedAt(a))).at(0))

  const dataset = ref(wanted ?? newest.value?.id ?? '')
  const chosen = computed(() => trainable.value.find(({ id }) => id === dataset.value) ?? null)
  /** Photos that have not been looked at: that comes first. */
  const lacksFeatures = computed(() => chosen.value !== null && chosen.value.counts.features === null)
  const backbone = ref(preferredBackbone(state.value.backbones, state.value.datasets))
  const canExtract = computed(() =>
    state.value.backbones.some(({ id, installed }) => installed && id === backbone.value),
  )
  const extraction = useExtraction()
  const method = ref<Method>('ipn')
  const preset = ref<Preset>('quick')
  const device = ref<DeviceChoice>('auto')
  const seed = ref(1)
  const overrides = shallowRef<Overrides>({})
  const invalid = ref(new Set<Knob>())
  const starting = ref(false)

  watch(trainable, (list) => {
    if (!list.some(({ id }) => id === dataset.value)) dataset.value = newest.value?.id ?? ''
  })

  const config = computed<TrainingConfig>(() => ({ ...presets[preset.value], ...overrides.value }) as TrainingConfig)
  const seedValid = computed(() => Number.isInteger(seed.value) && seed.value >= 0 && seed.value <= largestSeed)
  const ready = computed(() => {
    const known = chosen.value !== null && (!lacksFeatures.value || canExtract.value)
    return known && seedValid.value && invalid.value.size === 0 && !starting.value
  })

  const request = computed(() => ({
    dataset: dataset.value,
    method: method.value,
    preset: preset.value,
    set: overrides.value as Partial<TrainingConfig>,
    device: device.value,
    seed: seed.value,
  }))

  /** Seconds that a long training would take, measured when its settings change; null until that is known. */
  const estimate = ref<number | null>(null)
  let asked = 0
  watch(request, async (wanted) => {
    const mine = ++asked
    estimate.value = null
    if (!ready.value || lacksFeatures.value || wanted.method !== 'ipn' || !long(config.value)) return
    // A failed measurement shows no figure; the training itself will say what is wrong.
    const found = await backend.estimateTraining(wanted).catch(() => null)
    if (mine === asked) estimate.value = found?.seconds ?? null
  })

  // Once: when this form has been sent, another process would only be in the way of the training.
  let prepared = false
  watch(
    () => ready.value && !lacksFeatures.value,
    (canTrain) => {
      if (!canTrain || prepared) return
      prepared = true
      void backend.prepareTraining({}).catch(() => undefined)
    },
    { immediate: true },
  )

  return {
    estimate,
    trainable,
    dataset,
    method,
    preset,
    device,
    seed,
    seedValid,
    config,
    overrides,
    ready,
    lacksFeatures,
    backbone,
    extraction,
    /** Knobs that hold something that cannot be. */
    wrong: computed(() => [...invalid.value]),

    setKnob(knob: Knob, value: KnobValue): void {
      invalid.value.delete(knob)
      overrides.value = override(overrides.value, preset.value, knob, value)
    },
    refuseKnob: (knob: Knob): void => void invalid.value.add(knob),
    resetKnobs(): void {
      invalid.value.clear()
      overrides.value = {}
    },

    /** Makes features where there are none, then starts the training; null where that was left. Rejects with the backend's reason. */
    async start(): Promise<RunSummary | null> {
      starting.value = true
      try {
        if (lacksFeatures.value && !(await extraction.extract(dataset.value, backbone.value))) return null
        return await backend.startTraining({ ...request.value, baseline: method.value === 'ipn' })
      } finally {
        starting.value = false
      }
    },
  }
}
