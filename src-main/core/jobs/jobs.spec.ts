import { describe, expect, it, vi } from 'vitest'
import type { ToJob } from './messages.ts'
import { createJobs } from './jobs.ts'
import { serveJob } from './serve-job.ts'
import type { SpawnJob } from './spawn.ts'
import { tasks, type FixtureTasks } from './tasks.fixture.ts'

/** A “process” in this one: the same two ends of the same wire. */
const spawnHere: SpawnJob = () => {
  let toBackend: (message: unknown) => void
  let toJob: (message: ToJob) => void
  const exits: ((code: number | null, signal: string | null) => void)[] = []
  serveJob({ send: (message) => toBackend(message), onMessage: (listener) => void (toJob = listener) }, tasks)
  return {
    send: (message) => queueMicrotask(() => toJob(message as ToJob)),
    onMessage: (listener) => void (toBackend = listener),
    onExit: (listener) => void exits.push(listener),
    kill: () => queueMicrotask(() => exits.splice(0).forEach((exit) => exit(null, 'SIGKILL'))),
  }
}
const makeJobs = () => createJobs<FixtureTasks>({ spawnJob: spawnHere, emit: () => undefined, log: () => undefined })

describe('the list of jobs', () => {
  it('holds what runs and the twenty that ended last, oldest first', async () => {
    const jobs = makeJobs()
    const running = jobs.run('wait', null, { kind: 'train', title: 'running' })
    for (let index = 0; index < 23; index++) {
      await jobs.run('double', Float32Array.of(1), { kind: 'import', title: String(index) }).done
    }
    const titles = jobs.list().map(({ title }) => title)
    expect(titles).toEqual(['running', ...Array.from({ length: 20 }, (_, index) => String(index + 3))])
    running.cancel()
    await expect(running.done).rejects.toMatchObject({ code: 'job/cancelled' })
  })

  it('says what a job works on', async () => {
    const jobs = makeJobs()
    await jobs.run('double', Float32Array.of(1), { kind: 'train', title: 'a', dataset: 'cub', run: 'cub-1' }).done
    expect(jobs.list()).toMatchObject([{ kind: 'train', title: 'a', dataset: 'cub', run: 'cub-1', error: null }])
  })
})

describe('a process that is started ahead', () => {
  /** Counts the processes, and lets one of them die. */
  function counted() {
    const processes: ReturnType<SpawnJob>[] = []
    const spawnJob: SpawnJob = () => {
      const process = spawnHere()
      processes.push(process)
      return process
    }
    const jobs = createJobs<FixtureTasks>({ spawnJob, emit: () => undefined, log: () => undefined })
    const double = () => jobs.run('double', Float32Array.of(1), { kind: 'train', title: 'a' }).done
    return { jobs, processes, double }
  }
  const doubled = { doubled: Float32Array.of(2) }

  it('runs its task, once', async () => {
    const { jobs, processes, double } = counted()
    jobs.prepare('double')
    jobs.prepare('double')
    expect(processes).toHaveLength(1)
    expect(await double()).toEqual(doubled)
    expect(processes).toHaveLength(1)
    expect(await double()).toEqual(doubled)
    expect(processes).toHaveLength(2)
  })

  it('is not for another task, and makes room for one that is wanted more', async () => {
    const { jobs, processes, double } = counted()
    jobs.prepare('wait')
    expect(await double()).toEqual(doubled)
    expect(processes).toHaveLength(2)
    const kill = vi.spyOn(processes[0], 'kill')
    jobs.prepare('double')
    expect(kill).toHaveBeenCalledOnce()
    expect(processes).toHaveLength(3)
  })

  it('is not missed when it dies while it waits', async () => {
    const { jobs, processes, double } = counted()
    jobs.prepare('double')
    processes[0].kill()
    await vi.waitFor(async () => expect(await double()).toEqual(doubled))
    expect(processes).toHaveLength(2)
  })

  it('leaves when nobody comes, and when the application closes', async () => {
    vi.useFakeTimers()
    try {
      const { jobs, processes } = counted()
      jobs.prepare('double')
      const kill = vi.spyOn(processes[0], 'kill')
      vi.advanceTimersByTime(110_000)
      jobs.prepare('double')
      vi.advanceTimersByTime(110_000)
      expect(kill).not.toHaveBeenCalled()
      vi.advanceTimersByTime(10_000)
      expect(kill).toHaveBeenCalledOnce()
      jobs.prepare('double')
      const last = vi.spyOn(processes[1], 'kill')
      await jobs.close()
      expect(last).toHaveBeenCalledOnce()
      jobs.prepare('double')
      expect(processes).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a job process', () => {
  it.each(['toString', '__proto__', 'nothing'])('refuses the task %s', async (task) => {
    const answer = new Promise((resolve) => {
      let toJob: (message: ToJob) => void = () => undefined
      serveJob({ send: resolve, onMessage: (listener) => void (toJob = listener) }, tasks)
      toJob({ type: 'run', task, input: null })
    })
    expect(await answer).toMatchObject({ type: 'failed', error: { code: 'job/unknown-task' } })
  })
})
