import type { Way } from './new-class.ts'

/** Which dialog of the studio is open. `tray`, `first`: photos are chosen for the tray, or for the class. */
export type OpenedDialog =
  | { readonly kind: 'new'; readonly way: Way; readonly text: string }
  | { readonly kind: 'carry' | 'versions' | 'measure' | 'tray' | 'first' }
