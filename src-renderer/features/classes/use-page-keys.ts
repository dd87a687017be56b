import { onBeforeUnmount, onMounted } from 'vue'
import { undoKey } from '../../ui/undo-key.ts'

/** Keys and the clipboard, of the whole page; a dialog that is open has its own. */
export function usePageKeys(what: { undo(): unknown; redo(): unknown; paste(text: string): unknown }): void {
  const inDialog = (): boolean => document.querySelector('dialog[open]') !== null
  function onKey(event: KeyboardEvent): void {
    const step = inDialog() ? null : undoKey(event)
    if (!step) return
    event.preventDefault()
    if (step === 'undo') what.undo()
    else what.redo()
  }
  function onPaste(event: ClipboardEvent): void {
    const typing = event.target instanceof Element && event.target.closest('input:not([type=range]), textarea') !== null
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (typing || inDialog() || text.trim() === '') return
    event.preventDefault()
    what.paste(text)
  }
  onMounted(() => {
    window.addEventListener('keydown', onKey)
    window.addEventListener('paste', onPaste)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', onKey)
    window.removeEventListener('paste', onPaste)
  })
}
