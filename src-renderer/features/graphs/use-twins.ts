import { computed, ref, shallowRef, watch, type ComputedRef } from 'vue'
import type {
  EdgeRule,
  GraphFilm,
  GraphLayout,
  GraphSpace,
  Twins,
  TwinsQuestion,
} from '../../../src-main/contract/index.ts'
import { useBackendState, useUnseen } from '../../backend/index.ts'
import { useLatest } from '../../ui/latest.ts'
import type { Source } from './use-source.ts'

/** Pairs of spaces that are worth laying side by side. */
export const comparisons = {
  learned: ['semantic', 'visual'],
  given: ['attributes', 'features'],
  semantic: ['attributes', 'semantic'],
  visual: ['features', 'visual'],
} as const satisfies Record<string, readonly [GraphSpace, GraphSpace]>
export type Comparison = keyof typeof comparisons

/** One layout for both that stays while edges change, or each its own, which moves with its edges. */
export type Arrangement = 'shared' | 'own'

const emptyFilm: GraphFilm = { episodes: [], semanticMeanDegrees: [], visualMeanDegrees: [] }

/** What can be looked at, and the graphs that answer it; everything bulky stays raw. */
export function useTwins(source: ComputedRef<Source | null>) {
  const { backend, epoch } = useUnseen()
  const state = useBackendState()

  const comparison = ref<Comparison>('learned')
  const step = ref(0)
  /** null: as the model has it. */
  const rule = ref<EdgeRule | null>(null)
  const cap = ref(10)
  /** null: the finished model. */
  const episode = ref<number | null>(null)
  const yours = ref(true)
  const arrangement = ref<Arrangement>('shared')
  const film = shallowRef<GraphFilm>(emptyFilm)

  const of = computed(() => {
    if (!source.value) return null
    return source.value.kind === 'run'
      ? { kind: 'run' as const, run: source.value.run.id, yours: yours.value }
      : { kind: 'dataset' as const, dataset: source.value.dataset.id }
  })
  const spaces = computed(() => comparisons[of.value?.kind === 'run' ? comparison.value : 'given'])
  const question = computed<TwinsQuestion | null>(() => {
    if (!of.value) return null
    const subject = of.value.kind === 'run' ? { ...of.value, episode: episode.value } : of.value
    return { of: subject, spaces: [...spaces.value], step: step.value, rule: rule.value, cap: cap.value }
  })
  /** Where the shared layout comes from: nothing that is explored moves it. */
  const still = computed<TwinsQuestion | null>(() => (of.value ? { of: of.value, spaces: [...spaces.value] } : null))

  const latest = useLatest(
    async ({
      asked,
      laidOut,
    }: {
      asked: TwinsQuestion
      laidOut: TwinsQuestion & { readonly own: boolean }
    }): Promise<{
      twins: Twins
      layout: GraphLayout
    }> => {
      const [twins, layout] = await Promise.all([backend.getTwins(asked), backend.layOutTwins(laidOut)])
      return { twins, layout }
    },
  )
  const ask = (): void =>
    latest.want(() => {
      if (!question.value || !still.value) return null
      const own = arrangement.value === 'own'
      return { asked: question.value, laidOut: { ...(own ? question.value : still.value), own } }
    })

  /** An answer about what was looked at before is none. */
  const answer = computed(() => {
    const now = latest.answer.value
    const asked = now?.of.asked.of
    const mine = asked?.kind === 'run' ? `run:${asked.run}` : `dataset:${asked?.dataset}`
    return now && mine === source.value?.key ? now.is : null
  })

  /** A person's classes of the run, and the dataset itself, may change while they are looked at. */
  const revision = computed(() => {
    const subject = of.value
    if (subject?.kind === 'run') return state.value.classBooks.find(({ run }) => run === subject.run)?.revision ?? 0
    return state.value.datasets.find(({ id }) => id === subject?.dataset)?.contentHash ?? ''
  })

  watch(
    () => source.value?.key,
    async () => {
      comparison.value = 'learned'
      step.value = 0
      rule.value = null
      episode.value = null
      film.value = emptyFilm
      latest.forget()
      const run = of.value?.kind === 'run' ? of.value.run : null
      if (run === null) return
      try {
        const read = await backend.getGraphFilm({ run })
        if (of.value?.kind === 'run' && of.value.run === run) film.value = read
      } catch {
        // Without its film the run is looked at as it ended.
      }
    },
    { immediate: true },
  )
  watch([() => JSON.stringify([question.value, arrangement.value]), revision, epoch], ask, { immediate: true })

  return {
    comparison,
    step,
    rule,
    cap,
    episode,
    yours,
    arrangement,
    film,
    spaces,
    question,
    twins: computed(() => answer.value?.twins ?? null),
    layout: computed(() => answer.value?.layout ?? null),
    error: latest.error,
    busy: latest.busy,
  }
}

export type TwinGraphs = ReturnType<typeof useTwins>
