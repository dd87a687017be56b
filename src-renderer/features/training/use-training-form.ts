import { computed, ref, shallowRef, watch } from 'vue'
import {
  presets,
  type DeviceChoice,
  type Method,
  type Preset,
  type RunSummary,
  type TrainingConfig,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from '../../backend/index.ts'
import { long, override, type Knob, type KnobValue, type Overrides } from './knobs.ts'

const largestSeed = 0xffffffff

/** What is asked of a training before it starts. */
export function useTrainingForm(wanted: string | null) {
  const { backend } = useUnseen()
  const state = useBackendState()
  const trainable = computed(() => state.value.datasets.filter(({ counts }) => counts.features !== null))
  const newest = computed(() => [...trainable.value].sort((a, b) => b.importedAt.localeCompare(a.importedAt)).at(0))

  const dataset = ref(wanted ?? newest.value?.id ?? '')
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
    const known = trainable.value.some(({ id }) => id === dataset.value)
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
    if (!ready.value || wanted.method !== 'ipn' || !long(config.value)) return
    // A failed measurement shows no figure; the training itself will say what is wrong.
    const found = await backend.estimateTraining(wanted).catch(() => null)
    if (mine === asked) estimate.value = found?.seconds ?? null
  })

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

    /** Starts the training. Rejects with the backend's reason. */
    async start(): Promise<RunSummary> {
      starting.value = true
      try {
        return await backend.startTraining({ ...request.value, baseline: method.value === 'ipn' })
      } finally {
        starting.value = false
      }
    },
  }
}
