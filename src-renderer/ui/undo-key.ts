/** Whether keys are the text's own where they arrive. */
const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type))

/** ⌘/Ctrl+Z is undo, with Shift (or Ctrl+Y) redo; where text is typed the keys are the field's own. */
export function undoKey(event: KeyboardEvent): 'undo' | 'redo' | null {
  if (event.metaKey === event.ctrlKey || event.altKey || typing(event.target)) return null
  const key = event.key.toLowerCase()
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo'
  return key === 'y' && event.ctrlKey && !event.shiftKey ? 'redo' : null
}
