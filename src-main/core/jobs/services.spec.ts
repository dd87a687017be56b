import { afterEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../contract/index.ts'
import type { ToJob } from './messages.ts'
import { serveJob } from './serve-job.ts'
import type { Service } from './service.ts'
import { createServices } from './services.ts'
import type { SpawnJob } from './spawn.ts'

let opened = 0
let kept = 0 // questions that will never be answered
const table = {
  sums: () =>
    Promise.resolve<
      Service<number, { add(numbers: Float32Array): Promise<number>; never(nothing: null): Promise<null> }>
    >({
      open: (start) => {
        opened++
        if (start < 0) return Promise.reject(new AppError('sums/negative', 'It starts below nothing.'))
        return Promise.resolve({
          add: async (numbers) => {
            await new Promise((resolve) => setTimeout(resolve, numbers.length))
            if (numbers.length === 0) throw new AppError('sums/empty', 'There is nothing to add.')
            return numbers.reduce((a, b) => a + b, start)
          },
          never: () => {
            kept++
            return new Promise(() => undefined)
          },
        })
      },
    }),
}

/** “Processes” in this one, which a spec can end. */
function spawning() {
  const kills: (() => void)[] = []
  const spawnJob: SpawnJob = () => {
    let toBackend: (message: unknown) => void
    let toJob: (message: ToJob) => void
    let exit: (code: number | null, signal: string | null) => void
    let over = false
    const port = {
      send: (message: unknown) => {
        if (!over) toBackend(message)
      },
      onMessage: (listener: (message: ToJob) => void) => void (toJob = listener),
    }
    serveJob(port, {}, table)
    const kill = (): void => {
      over = true
      queueMicrotask(() => exit(null, 'SIGKILL'))
    }
    kills.push(kill)
    return {
      send: (message) => queueMicrotask(() => toJob(message as ToJob)),
      onMessage: (listener) => void (toBackend = listener),
      onExit: (listener) => void (exit = listener),
      kill,
    }
  }
  return { spawnJob, kills }
}
const sums = (start: number, idle?: number) => {
  const { spawnJob, kills } = spawning()
  const services = createServices<typeof table>({
    ...{ spawnJob, log: () => undefined },
    ...(idle === undefined ? {} : { idle }),
  })
  return { kills, service: services.open('sums', start, 'sums') }
}
afterEach(() => {
  opened = 0
  kept = 0
  vi.useRealTimers()
})

describe('a service', () => {
  it('opens once, and answers each question with its own answer', async () => {
    const { service } = sums(1)
    const answers = [3, 1, 2].map((count) => service.ask('add', new Float32Array(count).fill(1)))
    expect(await Promise.all(answers)).toEqual([4, 2, 3])
    expect(opened).toBe(1)
  })

  it('refuses a question in its own words, and goes on', async () => {
    const { service } = sums(0)
    await expect(service.ask('add', new Float32Array())).rejects.toMatchObject({ code: 'sums/empty' })
    expect(await service.ask('add', Float32Array.of(2))).toBe(2)
  })

  it('that cannot be opened says why, every time', async () => {
    const { service } = sums(-1)
    await expect(service.ask('add', Float32Array.of(1))).rejects.toMatchObject({ code: 'sums/negative' })
    await expect(service.ask('add', Float32Array.of(1))).rejects.toMatchObject({ code: 'sums/negative' })
    expect(opened).toBe(2)
  })

  it('that dies tells whoever waits, and the next question starts it again', async () => {
    const { service, kills } = sums(0)
    const waiting = service.ask('never', null)
    const told = expect(waiting).rejects.toMatchObject({ code: 'job/died' })
    await vi.waitUntil(() => kept === 1)
    kills[0]()
    await told
    expect(await service.ask('add', Float32Array.of(5))).toBe(5)
    expect(kills).toHaveLength(2)
  })

  it('ends by itself when nobody asks, and never while somebody waits', async () => {
    vi.useFakeTimers()
    const { service, kills } = sums(0, 60_000)
    const add = async (): Promise<number> => {
      const sum = service.ask('add', Float32Array.of(1))
      await vi.advanceTimersByTimeAsync(1)
      return sum
    }
    void service.ask('never', null).catch(() => undefined)
    await add()
    await vi.advanceTimersByTimeAsync(120_000)
    expect(await add()).toBe(1)
    expect(kills).toHaveLength(1)
    await service.close()
    await add()
    await vi.advanceTimersByTimeAsync(59_000)
    await add()
    expect(kills).toHaveLength(2)
    await vi.advanceTimersByTimeAsync(60_000)
    await add()
    expect(kills).toHaveLength(3)
  })
})
