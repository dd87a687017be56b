import { describe, expect, it } from 'vitest'
import type { ToJob } from './messages.ts'
import { createJobs } from './jobs.ts'
import { serveJob } from './serve-job.ts'
import type { SpawnJob } from './spawn.ts'
import { tasks, type FixtureTasks } from './tasks.fixture.ts'

/** A “process” in this one: the same two ends of the same wire. */
const spawnHere: SpawnJob = () => {
  let toBackend: (message: unknown) => void
  let toJob: (message: ToJob) => void
  let exit: (code: number | null, signal: string | null) => void
  serveJob({ send: (message) => toBackend(message), onMessage: (listener) => void (toJob = listener) }, tasks)
  return {
    send: (message) => queueMicrotask(() => toJob(message as ToJob)),
    onMessage: (listener) => void (toBackend = listener),
    onExit: (listener) => void (exit = listener),
    kill: () => queueMicrotask(() => exit(null, 'SIGKILL')),
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
