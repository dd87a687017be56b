import { onBeforeUnmount, onMounted, type Ref } from 'vue'
import type { PhotoRow } from './rows.ts'

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input:not([type=range]), select, textarea')

/** 1 to 5 say which class the chosen photo is, 0 forgets it, W asks why, and Undo takes the last answer back. */
export function useAnswerKeys(
  chosen: Ref<readonly PhotoRow[]>,
  act: { say(label: number | null): void; undo(): void; askWhy(): void },
): void {
  function onKey(event: KeyboardEvent): void {
    if (typing(event.target) || document.querySelector('dialog[open]')) return
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z' && !event.shiftKey) {
      event.preventDefault()
      act.undo()
      return
    }
    if (event.ctrlKey || event.metaKey || event.altKey || chosen.value.length === 0) return
    if (event.key === '0') act.say(null)
    if (chosen.value.length > 1) return
    if (event.key.toLowerCase() === 'w') act.askWhy()
    const rank = /^[1-5]$/.test(event.key) ? chosen.value[0].ranking.at(Number(event.key) - 1) : undefined
    if (rank) act.say(rank.class)
  }
  onMounted(() => window.addEventListener('keydown', onKey))
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey))
}
