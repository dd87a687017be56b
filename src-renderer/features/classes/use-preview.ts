import { computed, watch } from 'vue'
import type { ClassPreview, CommandInput, RunId } from '../../../src-main/contract/index.ts'
import { useUnseen } from '../../backend/index.ts'
import { useLatest } from '../../ui/latest.ts'
import { sameCast } from './same-cast.ts'
import { rankTray, type TrayRow } from './tray-order.ts'
import type { OpenClassBook } from './use-class-book.ts'
import type { Draft } from './use-draft.ts'
import type { OpenTray } from './use-tray.ts'

interface Question {
  readonly input: CommandInput<'previewClass'>
  /** Of the draft that is asked about. */
  readonly moment: number
}

/** What the model makes of the draft, for as long as it changes. */
export function usePreview(run: RunId, { book }: Pick<OpenClassBook, 'book'>, draft: Draft, { tray }: OpenTray) {
  const { backend } = useUnseen()
  const latest = useLatest(({ input }: Question) => backend.previewClass(input))

  function question(): Question | null {
    const one = draft.kept.value
    if (!one || draft.values.length === 0) return null
    const attributes = Float32Array.from(draft.values)
    const input = { run, tray: tray.value?.id ?? null }
    return {
      moment: draft.moment.value,
      input: { ...input, class: { id: one.id, name: one.name, attributes, visual: draft.visual.value } },
    }
  }
  // At once, not with the next drawing: every millisecond counts here.
  watch([draft.moment, tray], () => latest.want(question), { immediate: true, flush: 'sync' })
  watch(book, (now, before) => {
    const chosen = draft.kept.value?.id
    if (now && before && chosen !== undefined && !sameCast(before, now, chosen)) latest.want(question)
  })

  const preview = computed<ClassPreview | null>(() => (draft.kept.value ? (latest.answer.value?.is ?? null) : null))
  return {
    preview,
    error: latest.error,
    /** Photos of the tray, best first; none while the preview is about another tray. */
    rows: computed<TrayRow[]>(() => {
      const ranked = tray.value
      return ranked && preview.value && latest.answer.value?.of.input.tray === ranked.id
        ? rankTray(ranked, preview.value)
        : []
    }),
    /** Moment of the draft that the preview is about. */
    moment: computed(() => latest.answer.value?.of.moment ?? 0),
    /** The preview is still of the class that was chosen before. */
    isOld: computed(() => latest.answer.value?.of.input.class.id !== draft.kept.value?.id),
  }
}
