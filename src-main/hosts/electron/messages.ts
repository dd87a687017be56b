import type { Grant, WireError } from '../../contract/index.ts'

// Between the main process and the backend's; both are ours and of one build.

export type ToBackend =
  | { readonly type: 'start'; readonly workspace: string; readonly version: string }
  /** With a port: a page is at its other end. */
  | { readonly type: 'page' }
  | { readonly type: 'grant'; readonly request: number; readonly path: string }
  /** With a port: the job process is at its other end. */
  | { readonly type: 'job-started'; readonly job: string }
  | { readonly type: 'job-exited'; readonly job: string; readonly code: number; readonly errorOutput: string }
  | { readonly type: 'close' }

export type ToMain =
  | { readonly type: 'started' }
  | { readonly type: 'not-started'; readonly error: WireError }
  | { readonly type: 'granted'; readonly request: number; readonly grant: Grant }
  | { readonly type: 'not-granted'; readonly request: number; readonly error: WireError }
  | { readonly type: 'start-job'; readonly job: string }
  | { readonly type: 'kill-job'; readonly job: string }
  /** Whether any job is running. */
  | { readonly type: 'working'; readonly working: boolean }

/** Names of the messages between the preload and the main process. */
export const ipc = {
  requestPort: 'unseen:request-port',
  port: 'unseen:port',
  grantPaths: 'unseen:grant-paths',
  chooseFolder: 'unseen:choose-folder',
  menu: 'unseen:menu',
} as const
