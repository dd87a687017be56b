import type { WireError } from '../../contract/index.ts'
import type { Progress } from './task.ts'

// Both ends come from one build and neither is a stranger, so that these are types and need no checking.

/** What the backend says to a job process. */
export type ToJob =
  { readonly type: 'run'; readonly task: string; readonly input: unknown } | { readonly type: 'cancel' }

/** What a job process says: progress, and at the end one of the other two. */
export type FromJob =
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly output: unknown }
  /** `unexpected`: all that is known of an error of ours, for the log. */
  | { readonly type: 'failed'; readonly error: WireError; readonly unexpected?: string }
