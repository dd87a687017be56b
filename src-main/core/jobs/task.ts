/** How far a task is, for a person. Tasks add their own fields (metrics, say). */
export interface Progress {
  /** 0 to 1; null while it cannot be told. */
  readonly progress: number | null
  readonly message: string
  readonly secondsLeft: number | null
}

export interface TaskContext<P extends Progress = Progress> {
  /** Aborted when the person cancels; the task then cleans up and throws. */
  readonly signal: AbortSignal
  readonly report: (progress: P) => void
}

/** Long work that runs in a process of its own. Input, progress and output cross by structured clone. */
export interface Task<Input, Output, P extends Progress = Progress> {
  run(input: Input, context: TaskContext<P>): Promise<Output>
  /** Called, if at all, before `run`, while there is time: what takes long whatever the input. */
  prepare?(): void
}
