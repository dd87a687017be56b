import { inspect } from 'node:util'
import { AppError, toWireError } from '../../contract/index.ts'
import type { FromJob, FromService, ToJob } from './messages.ts'
import type { Questions, ServiceTable } from './service.ts'
import type { Progress, TaskContext } from './task.ts'
import type { TaskTable } from './tasks.ts'

/** The job process's end of the wire to the backend. */
export interface JobPort {
  send(message: FromJob | FromService): void
  onMessage(listener: (message: ToJob) => void): void
}

const aliveEvery = 5000 // ms
const reportEvery = 50 // ms between plain progress reports; a person sees no more

/**
 * Runs in the job process. Either it waits for one task (and may get ready for it), runs it, reports, and says how it
 * ended; or it opens a service and answers until it is ended.
 */
export function serveJob(port: JobPort, tasks: TaskTable, services: ServiceTable = {}): void {
  const cancelled = new AbortController()
  let open: () => Promise<Questions> = () => Promise.resolve({})
  port.onMessage((message) => {
    if (message.type === 'cancel') cancelled.abort()
    else if (message.type === 'prepare') void prepare(message.task)
    else if (message.type === 'run') void runTask(message.task, message.input)
    else if (message.type === 'serve') open = once(() => openService(message.service, message.input))
    else void answer(message.id, message.name, message.question)
  })

  async function openService(name: string, input: unknown): Promise<Questions> {
    const load = Object.hasOwn(services, name) ? services[name] : undefined
    if (load === undefined) throw new AppError('job/unknown-task', `There is no service “${name}”.`)
    const service = (await load()) as { open(input: unknown): Promise<Questions> }
    return service.open(input)
  }

  async function answer(id: number, name: string, question: unknown): Promise<void> {
    try {
      const questions = await open()
      const ask = Object.hasOwn(questions, name) ? questions[name] : undefined
      if (ask === undefined) throw new AppError('job/unknown-task', `There is no question “${name}”.`)
      port.send({ type: 'answer', id, answer: await (ask as (question: unknown) => Promise<unknown>)(question) })
    } catch (thrown) {
      port.send({ type: 'refused', id, ...told(thrown) })
    }
  }

  async function loadTask(name: string) {
    const load = Object.hasOwn(tasks, name) ? tasks[name] : undefined
    if (load === undefined) throw new AppError('job/unknown-task', `There is no task “${name}”.`)
    return (await load()) as {
      prepare?(): void
      run(input: unknown, context: TaskContext): Promise<unknown>
    }
  }

  async function prepare(name: string): Promise<void> {
    try {
      const task = await loadTask(name)
      task.prepare?.()
    } catch {
      // It will be told when the task is to run.
    }
  }

  async function runTask(name: string, input: unknown): Promise<void> {
    const reports = throttled((progress) => port.send({ type: 'progress', progress }))
    const pulse = setInterval(() => port.send({ type: 'alive' }), aliveEvery)
    try {
      const task = await loadTask(name)
      const output = await task.run(input, { signal: cancelled.signal, report: (progress) => reports.add(progress) })
      reports.flush()
      port.send({ type: 'done', output })
    } catch (thrown) {
      reports.flush()
      const error = isAbort(thrown, cancelled.signal) ? jobCancelled() : thrown
      port.send({ type: 'failed', ...told(error) })
    } finally {
      clearInterval(pulse)
    }
  }
}

/** The same promise for everyone, until it fails: then the next one tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make().catch((thrown: unknown) => {
      made = undefined
      throw thrown
    })
    return made
  }
}

const told = (error: unknown) => ({
  error: toWireError(error),
  ...(error instanceof AppError ? {} : { unexpected: inspect(error) }),
})

export function jobCancelled(): AppError {
  return new AppError('job/cancelled', 'This was cancelled.')
}

function isAbort(thrown: unknown, signal: AbortSignal): boolean {
  return signal.aborted && (thrown === signal.reason || (thrown instanceof Error && thrown.name === 'AbortError'))
}

/** Plain progress at most every 50 ms, the newest; whatever carries more (metrics) at once and always. */
function throttled(send: (progress: Progress) => void): { add(progress: Progress): void; flush(): void } {
  let waiting: Progress | undefined
  let timer: NodeJS.Timeout | undefined
  let lastSent = -Infinity

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting === undefined) return
    lastSent = performance.now()
    send(waiting)
    waiting = undefined
  }
  return {
    add(progress) {
      waiting = progress
      const wait = isPlain(progress) ? lastSent + reportEvery - performance.now() : 0
      if (wait <= 0) flush()
      else timer ??= setTimeout(flush, wait)
    },
    flush,
  }
}

const plainKeys = new Set(['progress', 'message', 'secondsLeft'])
const isPlain = (progress: Progress): boolean => Object.keys(progress).every((key) => plainKeys.has(key))
