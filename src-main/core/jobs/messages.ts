import type { WireError } from '../../contract/index.ts'
import type { Progress } from './task.ts'

// Both ends come from one build and neither is a stranger, so that these are types and need no checking.

/** What the backend says to a job process. */
export type ToJob =
  /** That task will probably be wanted soon. */
  | { readonly type: 'prepare'; readonly task: string }
  | { readonly type: 'run'; readonly task: string; readonly input: unknown }
  | { readonly type: 'cancel' }
  | { readonly type: 'serve'; readonly service: string; readonly input: unknown }
  | { readonly type: 'ask'; readonly id: number; readonly name: string; readonly question: unknown }

/** What a process that runs a task says: progress, and at the end one of the last two. */
export type FromJob =
  /** From time to time, while its thread is not stuck in native code. */
  | { readonly type: 'alive' }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'done'; readonly output: unknown }
  /** `unexpected`: all that is known of an error of ours, for the log. */
  | { readonly type: 'failed'; readonly error: WireError; readonly unexpected?: string }

/** What a process that serves says: to every question one of these. */
export type FromService =
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly error: WireError; readonly unexpected?: string }
