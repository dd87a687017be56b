import type { Ref } from 'vue'
import type { Backend, Grant, MenuCommand } from '../../src-main/contract/index.ts'

/**
 * `reconnecting`: the wire broke and is being mended; commands are refused until then.
 * `signed-out`: the host was started anew and knows this page no more.
 */
export type ConnectionStatus = 'connecting' | 'online' | 'reconnecting' | 'signed-out'

export interface UploadProgress {
  readonly sent: number
  readonly total: number
  /** The file that is on its way now. */
  readonly file: string
}

/** A file and the path it has inside what was dropped. */
export interface PickedFile {
  readonly file: File
  readonly path: string
}

/** One level of a folder on the machine that runs the backend. */
export interface FolderListing {
  readonly path: string
  readonly parent: string | null
  readonly folders: readonly string[]
  readonly files: readonly string[]
}

/** Folders on the machine that runs the backend, as far as its owner lets a page see them. */
export interface FolderBrowser {
  list(path: string): Promise<FolderListing>
  grant(path: string): Promise<Grant>
}

/** How files become grants: at once on the desktop, by an upload in a browser. */
export interface FileAccess {
  /** What a drop holds. To be called while the drop event is being handled: afterwards the browser empties it. */
  dropped(transfer: DataTransfer): Promise<PickedFile[]>
  grant(files: readonly PickedFile[], progress: (upload: UploadProgress) => void, signal: AbortSignal): Promise<Grant[]>
  /** They will not be read again: a copy that was made for them may go. */
  release(grants: readonly Grant[]): void
  /** The native dialog; null when it was dismissed. Absent in a browser. */
  readonly chooseFolder?: () => Promise<Grant | null>
  /** null where the host offers none. Absent on the desktop. */
  readonly folders?: () => Promise<FolderBrowser | null>
}

export interface Connection {
  readonly backend: Backend
  readonly status: Readonly<Ref<ConnectionStatus>>
  readonly files: FileAccess
  readonly onMenu: (listener: (command: MenuCommand) => void) => void
}
