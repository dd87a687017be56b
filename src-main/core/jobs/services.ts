import { fromWireError } from '../../contract/index.ts'
import { jobDied } from './died.ts'
import type { FromService, ToJob } from './messages.ts'
import type { AnswerOf, QuestionOf, ServiceTable, ServiceTypes } from './service.ts'
import type { JobProcess, SpawnJob } from './spawn.ts'
import type { services } from './service-table.ts'

/** A process that answers. It starts with the first question, ends when nobody has asked for a while, and starts again. */
export interface RunningService<Q> {
  /** Rejects with the service's AppError, or `job/died`: the next question starts a new process. */
  ask<N extends keyof Q & string>(name: N, question: QuestionOf<Q[N]>): Promise<AnswerOf<Q[N]>>
  /** Ends the process; open questions are rejected. */
  close(): Promise<void>
}

export interface Services<T extends ServiceTable = typeof services> {
  /** @param title what it works on, for a person. */
  open<N extends keyof T & string>(
    service: N,
    input: ServiceTypes<T[N]>['input'],
    title: string,
  ): RunningService<ServiceTypes<T[N]>['questions']>
  close(): Promise<void>
}

const idleAfter = 120_000 // ms; long enough to think between two movements of a slider

interface Live {
  readonly process: JobProcess
  readonly open: Map<number, { resolve: (answer: unknown) => void; reject: (error: Error) => void }>
  readonly gone: Promise<void>
}

export function createServices<T extends ServiceTable = typeof services>(options: {
  spawnJob: SpawnJob
  log: (line: string) => void
  /** ms; see `idleAfter`. */
  idle?: number
}): Services<T> {
  const { spawnJob, log, idle = idleAfter } = options
  const everyone = new Set<RunningService<never>>()

  function start(service: string, input: unknown, title: string, left: (live: Live) => void): Live {
    const process = spawnJob()
    const open: Live['open'] = new Map()
    const gone = new Promise<void>((resolve) => {
      process.onExit((code, signal) => {
        left(live)
        if (open.size > 0) {
          const how = `exit code ${code ?? 'none'}, signal ${signal ?? 'none'}`
          log(`Service ${service}, “${title}”, died: ${how}. ${process.stderr?.() ?? ''}`.trimEnd())
        }
        for (const waiting of open.values()) waiting.reject(jobDied(title, code, signal))
        resolve()
      })
    })
    const live: Live = { process, open, gone }
    process.onMessage((raw) => {
      const message = raw as FromService
      const waiting = open.get(message.id)
      if (!waiting) return
      open.delete(message.id)
      if (message.type === 'answer') {
        waiting.resolve(message.answer)
        return
      }
      if (message.unexpected !== undefined) log(`Service ${service}, “${title}”: ${message.unexpected}`)
      waiting.reject(fromWireError(message.error))
    })
    process.send({ type: 'serve', service, input } satisfies ToJob)
    return live
  }

  return {
    open(service, input, title) {
      let live: Live | null = null
      let asked = 0
      let timer: NodeJS.Timeout | undefined
      const close = async (): Promise<void> => {
        clearTimeout(timer)
        const ending = live
        live = null
        ending?.process.kill()
        await ending?.gone
      }
      const rest = (): void => {
        clearTimeout(timer)
        timer = setTimeout(() => {
          if (live?.open.size === 0) void close()
        }, idle)
        timer.unref()
      }
      const running: RunningService<ServiceTypes<T[typeof service]>['questions']> = {
        ask: (name, question) => {
          live ??= start(service, input, title, (gone) => {
            if (live === gone) live = null
          })
          const { process, open } = live
          const id = asked++
          return new Promise<never>((resolve, reject) => {
            open.set(id, { resolve: (answer) => resolve(answer as never), reject })
            process.send({ type: 'ask', id, name, question } satisfies ToJob)
          }).finally(rest)
        },
        close: async () => {
          everyone.delete(running)
          await close()
        },
      }
      everyone.add(running)
      return running
    },
    close: async () => {
      await Promise.all([...everyone].map((one) => one.close()))
    },
  }
}
