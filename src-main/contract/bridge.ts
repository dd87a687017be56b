import type { Grant } from './dataset.ts'

/** What the native menu can ask the page to do. */
export type MenuCommand =
  | 'open-folder'
  | 'show-datasets'
  | 'show-train'
  | 'show-graphs'
  | 'show-classes'
  | 'show-classify'
  | 'show-devices'
  | 'toggle-theme'

/**
 * What the desktop's preload puts on `window.unseen`: grants and nothing else. The page's `File` is opaque here.
 * Rejects with a WireError: an Error loses its own fields on the way.
 */
export interface DesktopBridge<PageFile = object> {
  /** Grants for files or folders that the person dropped on the page. */
  grantFiles(files: readonly PageFile[]): Promise<Grant[]>
  /** The native folder dialog; null when it was dismissed. */
  chooseFolder(): Promise<Grant | null>
  onMenu(listener: (command: MenuCommand) => void): void
}

/** `data` of the window message that carries the MessagePort to the backend; the page asks for it with `backendPortRequest`. */
export const backendPortMessage = 'unseen:backend-port'
export const backendPortRequest = 'unseen:request-backend-port'
