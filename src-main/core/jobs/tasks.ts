import type { Progress, Task } from './task.ts'

/** Each task is loaded only in the process that runs it. */
export const tasks = {
  inspect: async () => (await import('../datasets/tasks.ts')).inspectTask,
  import: async () => (await import('../datasets/tasks.ts')).importTask,
  'read-attributes': async () => (await import('../datasets/tasks.ts')).readAttributesTask,
  'add-photos': async () => (await import('../datasets/tasks.ts')).addPhotosTask,
  demo: async () => (await import('../demo/task.ts')).demoTask,
  extract: async () => (await import('../backbones/extract-task.ts')).extractTask,
  'inspect-backbone': async () => (await import('../backbones/tasks.ts')).inspectBackboneTask,
  'import-backbone': async () => (await import('../backbones/tasks.ts')).importBackboneTask,
  'download-backbone': async () => (await import('../backbones/tasks.ts')).downloadBackboneTask,
  'basic-backbone': async () => (await import('../backbones/tasks.ts')).basicBackboneTask,
  train: async () => (await import('../training/tasks.ts')).trainTask,
  estimate: async () => (await import('../training/tasks.ts')).estimateTask,
  evaluate: async () => (await import('../training/tasks.ts')).evaluateTask,
  classify: async () => (await import('../inference/classify-task.ts')).classifyTask,
  'sort-photos': async () => (await import('../inference/sort-task.ts')).sortTask,
  'read-class-table': async () => (await import('../studio/table-task.ts')).readTableTask,
  'class-photos': async () => (await import('../studio/photos-task.ts')).classPhotosTask,
  'install-tensorflow': async () => (await import('../devices/tensorflow/index.ts')).installTensorFlow,
  probe: async () => (await import('../devices/probe.ts')).probeTask,
  bench: async () => (await import('../devices/bench-task.ts')).benchTask,
}
export type Tasks = typeof tasks

// A task's input is contravariant, so that no narrower type than `never` holds every task.
export type TaskTable = Readonly<Record<string, () => Promise<Task<never, unknown, never>>>>

export type TaskTypes<Entry> = Entry extends () => Promise<Task<infer Input, infer Output, infer P extends Progress>>
  ? { input: Input; output: Output; progress: P }
  : never
