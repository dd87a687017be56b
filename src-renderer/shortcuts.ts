import type { MenuCommand } from '../src-main/contract/index.ts'

const keys: Readonly<Record<string, MenuCommand>> = {
  '1': 'show-datasets',
  '2': 'show-train',
  '3': 'show-graphs',
  '4': 'show-classes',
  '5': 'show-classify',
  '6': 'show-devices',
  o: 'open-folder',
}

/** The command behind ⌘ (Mac) or Ctrl and a key. */
export function shortcut(
  event: Pick<KeyboardEvent, 'key' | 'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey'>,
): MenuCommand | null {
  if (event.metaKey === event.ctrlKey || event.altKey || event.shiftKey) return null
  return keys[event.key.toLowerCase()] ?? null
}
