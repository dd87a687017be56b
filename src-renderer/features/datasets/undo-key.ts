/** ⌘/Ctrl+Z is undo, with Shift (or Ctrl+Y) redo; where text is typed the keys are the field's own. */
export function undoKey(event: KeyboardEvent): 'undo' | 'redo' | null {
  if (event.metaKey === event.ctrlKey || event.altKey) return null
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return null
  const key = event.key.toLowerCase()
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo'
  return key === 'y' && event.ctrlKey && !event.shiftKey ? 'redo' : null
}
