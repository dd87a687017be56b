import { randomUUID } from 'node:crypto'
import {
  AppError,
  fromWireError,
  toWireError,
  type BackendEvent,
  type DatasetId,
  type Job,
  type RunId,
} from '../../contract/index.ts'
import { jobDied } from './died.ts'
import type { FromJob, ToJob } from './messages.ts'
import { jobCancelled } from './serve-job.ts'
import { withSpare } from './spare.ts'
import type { SpawnJob } from './spawn.ts'
import type { Tasks, TaskTable, TaskTypes } from './tasks.ts'

export interface JobOptions<P> {
  readonly kind: Job['kind']
  /** What it works on, for a person. */
  readonly title: string
  readonly dataset?: DatasetId
  readonly run?: RunId
  readonly onProgress?: (progress: P) => void
}

export interface RunningJob<Output> {
  readonly id: string
  /** Rejects with the task's AppError, `job/cancelled` or `job/died`. */
  readonly done: Promise<Output>
  /** How often its process has said anything: one whose thread is stuck says nothing more. */
  heard(): number
  cancel(): void
}

/** Long work, one process each. A process that dies takes nothing else with it. */
export interface Jobs<T extends TaskTable = Tasks> {
  run<N extends keyof T & string>(
    task: N,
    input: TaskTypes<T[N]>['input'],
    options: JobOptions<TaskTypes<T[N]>['progress']>,
  ): RunningJob<TaskTypes<T[N]>['output']>
  /** Whoever knows that this task will probably be run soon saves the person the start of its process. */
  prepare(task: keyof T & string): void
  /** Running jobs and the last that ended, oldest first. */
  list(): Job[]
  /** Asks the job to stop, and ends it when it has not within the grace. Throws `job/unknown`. */
  cancel(id: string): void
  /** Cancels every job and resolves when their processes are gone. */
  close(): Promise<void>
}

const grace = 5000 // ms between asking a job to stop and ending it
const remembered = 20 // ended jobs that a page which was away can still read about

export function createJobs<T extends TaskTable = Tasks>(options: {
  spawnJob: SpawnJob
  emit: (event: BackendEvent) => void
  log: (line: string) => void
  /** ms; see `grace`. */
  cancelGrace?: number
}): Jobs<T> {
  const { spawnJob, emit, log, cancelGrace = grace } = options
  const jobs = new Map<string, Job>()
  const running = new Map<string, { cancel(): void }>()
  const processes = new Set<Promise<void>>() // each resolves when it is gone
  const spare = withSpare(spawnJob, (process) => {
    const gone = new Promise<void>((resolve) => process.onExit(() => resolve()))
    processes.add(gone)
    void gone.then(() => processes.delete(gone))
  })
  let closed = false

  function update(id: string, change: Partial<Job>): void {
    const job = { ...jobs.get(id)!, ...change }
    jobs.set(id, job)
    emit({ type: 'job', job })
  }

  function forgetOldest(): void {
    const ended = [...jobs.keys()].filter((id) => !running.has(id))
    for (const id of ended.slice(0, Math.max(0, ended.length - remembered))) jobs.delete(id)
  }

  return {
    run(task, input, { kind, title, dataset, run, onProgress }) {
      if (closed) throw new AppError('job/closing', 'The application is closing, so nothing new was started.')
      const id = randomUUID()
      const process = spare.spawn(task)

      let state: 'running' | 'cancelling' | 'over' = 'running'
      let heard = 0
      let killTimer: NodeJS.Timeout | undefined
      function cancel(): void {
        if (state !== 'running') return
        state = 'cancelling'
        update(id, { state: 'cancelling' })
        process.send({ type: 'cancel' } satisfies ToJob)
        killTimer = setTimeout(() => process.kill(), cancelGrace)
      }
      function end(change: Pick<Job, 'state'> & Partial<Job>): void {
        state = 'over'
        clearTimeout(killTimer)
        running.delete(id)
        update(id, { secondsLeft: null, ...change })
        forgetOldest()
        // It has said its last word; what it holds (memory, a card) is free sooner than when it leaves by itself.
        process.kill()
      }

      running.set(id, { cancel })
      jobs.set(id, {
        ...{ id, kind, title, state: 'running', progress: null, message: '', secondsLeft: null, error: null },
        dataset: dataset ?? null,
        run: run ?? null,
      })
      update(id, {})

      const done = new Promise<never>((resolve, reject) => {
        const fail = (error: AppError): void => {
          const cancelled = error.code === 'job/cancelled'
          end(cancelled ? { state: 'cancelled' } : { state: 'failed', error: toWireError(error) })
          reject(error)
        }
        process.onMessage((raw) => {
          if (state === 'over') return
          heard++
          const message = raw as FromJob
          if (message.type === 'alive') return
          if (message.type === 'progress') {
            const { progress, message: line, secondsLeft } = message.progress
            update(id, { progress, message: line, secondsLeft })
            onProgress?.(message.progress as Parameters<typeof onProgress>[0])
          } else if (message.type === 'failed') {
            if (message.unexpected !== undefined) log(`Job ${task}, “${title}”: ${message.unexpected}`)
            fail(fromWireError(message.error))
          } else {
            // A task may stop early and keep what it has: its output counts, and the person did cancel.
            end(state === 'cancelling' ? { state: 'cancelled' } : { state: 'done', progress: 1 })
            resolve(message.output as never)
          }
        })
        process.onExit((code, signal) => {
          if (state === 'over') return
          if (state === 'cancelling') {
            fail(jobCancelled())
            return
          }
          const how = `exit code ${code ?? 'none'}, signal ${signal ?? 'none'}`
          log(`Job ${task}, “${title}”, died: ${how}. ${process.stderr?.() ?? ''}`.trimEnd())
          fail(jobDied(title, code, signal))
        })
      })
      // A failure is also told by events, so that whoever started the job need not listen.
      done.catch(() => undefined)
      process.send({ type: 'run', task, input } satisfies ToJob)
      return { id, done, heard: () => heard, cancel }
    },

    prepare(task) {
      if (!closed) spare.prepare(task)
    },

    list: () => [...jobs.values()],

    cancel(id) {
      if (!jobs.has(id)) throw new AppError('job/unknown', 'This work is not known any more; it ended some time ago.')
      running.get(id)?.cancel()
    },

    async close() {
      closed = true
      spare.close()
      for (const job of running.values()) job.cancel()
      await Promise.all(processes)
    },
  }
}
