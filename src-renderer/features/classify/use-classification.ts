import { computed, onBeforeUnmount, ref, shallowRef, watch } from 'vue'
import {
  toWireError,
  type ClassificationId,
  type Grant,
  type Prediction,
  type SeenUnseenCurve,
  type UserClassId,
  type WireError,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from '../../backend/index.ts'
import { t } from '../../locales/index.ts'
import { useToasts } from '../../ui/toasts.ts'
import { labelOf, photoRows, type PhotoRow } from './rows.ts'
import { useSaid } from './use-said.ts'

/** Steps of the γ slider between its ends. */
const gammaSteps = 400

/** Ends of the γ slider: past them hardly any answer changes. null where γ has nothing to decide. */
export function gammaRange(
  predictions: readonly Prediction[],
  suggested: number,
): { low: number; high: number; step: number } | null {
  const leads = predictions
    .flatMap(({ seen, unseen }) =>
      seen.scores.length && unseen.scores.length ? [seen.scores[0] - unseen.scores[0]] : [],
    )
    .sort((a, b) => a - b)
  if (leads.length === 0) return null
  const at = (share: number): number => leads[Math.round(share * (leads.length - 1))]
  const low = Math.min(0, suggested, at(0.01))
  const high = Math.max(0, suggested, at(0.99))
  return high > low ? { low, high, step: (high - low) / gammaSteps } : null
}

/** Photos that were dropped, what the model says of them at the γ of the slider, and what the person says. */
export function useClassification(id: ClassificationId) {
  const { backend, epoch } = useUnseen()
  const state = useBackendState()
  const { show, fail } = useToasts()

  const classification = computed(() => state.value.classifications.find((one) => one.id === id) ?? null)
  const run = computed(() => state.value.runs.find((one) => one.id === classification.value?.run) ?? null)
  const dataset = computed(() => state.value.datasets.find((one) => one.id === run.value?.dataset) ?? null)
  const earlier = shallowRef<readonly Prediction[]>([])
  const error = shallowRef<WireError | null>(null)

  /** Each photo once, in order; what was read at the beginning and what came since overlap. */
  const predictions = computed(() => {
    const all = new Map<number, Prediction>()
    for (const one of earlier.value) all.set(one.photo, one)
    for (const one of state.value.predictions[id] ?? []) all.set(one.photo, one)
    return [...all.values()].sort((a, b) => a.photo - b.photo)
  })

  watch(
    epoch,
    async () => {
      if (classification.value === null) return
      try {
        earlier.value = (await backend.getClassification({ classification: id })).predictions
      } catch (thrown) {
        error.value = toWireError(thrown)
      }
    },
    { immediate: true },
  )

  /** The curve of the run's own classes. Without it the page is whole too, so that no failure is told. */
  const curve = shallowRef<SeenUnseenCurve | null>(null)
  watch(
    () => run.value?.id,
    async (of) => {
      curve.value =
        of === undefined
          ? null
          : await backend.getRun({ run: of }).then(
              (one) => one.curve,
              () => null,
            )
    },
    { immediate: true },
  )

  /** null: the suggestion. */
  const ownGamma = ref<number | null>(null)
  const gamma = computed({
    get: () => ownGamma.value ?? classification.value?.gamma ?? 0,
    set: (value) => (ownGamma.value = value),
  })
  const range = computed(() => gammaRange(predictions.value, classification.value?.gamma ?? 0))
  const said = useSaid(id)
  const rows = computed<PhotoRow[]>(() =>
    classification.value ? photoRows(predictions.value, gamma.value, classification.value, said.answers.value) : [],
  )

  /** What was confirmed: photos of the person's own classes, by the class's id, and of the run's. */
  const confirmed = computed(() => {
    const yours = new Map<UserClassId, number[]>()
    const others: { photo: number; class: number }[] = []
    for (const [photo, one] of said.answers.value) {
      const { role, id: own } = classification.value?.classes.at(one) ?? { role: 'none', id: null }
      if (role === 'yours' && own !== null) yours.set(own, [...(yours.get(own) ?? []), photo])
      else others.push({ photo, class: one })
    }
    return { yours, others }
  })

  const working = ref(false)
  async function during<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (working.value) return undefined
    working.value = true
    try {
      return await work()
    } catch (thrown) {
      fail(thrown)
      return undefined
    } finally {
      working.value = false
    }
  }

  let left = false
  onBeforeUnmount(() => (left = true))

  return {
    classification,
    run,
    dataset,
    error,
    predictions,
    gamma,
    curve,
    range,
    rows,
    said,
    confirmed: computed(() => ({
      yours: [...confirmed.value.yours.values()].flat().length,
      others: confirmed.value.others.length,
    })),
    working,
    isSuggested: computed(() => ownGamma.value === null),
    suggest: () => (ownGamma.value = null),
    thumbnails: (photos: number[]) => backend.getClassifiedThumbnails({ classification: id, photos }),
    cancel: () => during(() => backend.cancelClassification({ classification: id })),

    /** Resolves to whether it is gone. */
    clear: async (): Promise<boolean> => {
      const gone = await during(async () => {
        await backend.removeClassification({ classification: id })
        said.clear()
        return true
      })
      if (gone) show({ tone: 'plain', message: t('classify.removed') })
      return gone ?? false
    },

    /** Adds what the person confirmed to the run's dataset. */
    keep: () =>
      during(async () => {
        const photos = confirmed.value.others
        const name = dataset.value?.name ?? ''
        const { added, leftOut } = await backend.keepClassified({ classification: id, photos })
        said.forget(photos.map(({ photo }) => photo))
        const next = [...leftOut.map(({ message }) => message), ...(left ? [] : [t('panel.keptNext')])]
        show({
          tone: 'plain',
          message: t('panel.kept', { count: added, dataset: name }),
          ...(next.length === 0 ? {} : { next: next.join(' ') }),
        })
      }),

    /** Gives what the person confirmed as classes of hers to them: their first photos. */
    give: () =>
      during(async () => {
        for (const [one, photos] of confirmed.value.yours) {
          const { book, findings } = await backend.addClassPhotos({
            run: classification.value!.run,
            class: one,
            photos: { classification: id, photos },
          })
          said.forget(photos)
          const name = book.yours.find((mine) => mine.id === one)?.name ?? ''
          const next = findings.filter(({ level }) => level !== 'ok').map(({ message }) => message)
          show({
            tone: 'plain',
            message: t('panel.gave', { name }),
            next: [...next, t('panel.gaveNext')].join(' '),
          })
        }
      }),

    sortInto: (grant: Grant, shown: readonly PhotoRow[]) =>
      during(async () => {
        const photos = shown.flatMap((row) => {
          if (row.error !== null) return []
          const label = labelOf(row)
          const folder = label === null ? t('classify.noneName') : classification.value!.classes[label].name
          return [{ photo: row.photo, folder }]
        })
        const { copied } = await backend.sortClassified({ classification: id, into: grant.id, photos })
        show({ tone: 'plain', message: t('classify.sorted', { count: copied }) })
      }),
  }
}
