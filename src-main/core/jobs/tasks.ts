import type { Progress, Task } from './task.ts'

/** Each task is loaded only in the process that runs it. */
export const tasks = {
  inspect: async () => (await import('../datasets/tasks.ts')).inspectTask,
  import: async () => (await import('../datasets/tasks.ts')).importTask,
  train: async () => (await import('../training/tasks.ts')).trainTask,
  estimate: async () => (await import('../training/tasks.ts')).estimateTask,
  evaluate: async () => (await import('../training/tasks.ts')).evaluateTask,
  probe: async () => (await import('../devices/probe.ts')).probeTask,
  bench: async () => (await import('../devices/bench-task.ts')).benchTask,
}
export type Tasks = typeof tasks

// A task's input is contravariant, so that no narrower type than `never` holds every task.
export type TaskTable = Readonly<Record<string, () => Promise<Task<never, unknown, never>>>>

export type TaskTypes<Entry> = Entry extends () => Promise<Task<infer Input, infer Output, infer P extends Progress>>
  ? { input: Input; output: Output; progress: P }
  : never
