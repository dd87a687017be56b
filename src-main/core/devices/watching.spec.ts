import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FromJob, ToJob } from '../jobs/messages.ts'
import { createJobs } from '../jobs/jobs.ts'
import { serveJob } from '../jobs/serve-job.ts'
import { tasks, type FixtureTasks } from '../jobs/tasks.fixture.ts'
import { unlessHung } from './watching.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

/** A job in this process that works on, and is heard of until `stuck`. */
function working() {
  let stuck = false
  const jobs = createJobs<FixtureTasks>({
    emit: () => undefined,
    log: () => undefined,
    spawnJob: () => {
      let toBackend: (message: FromJob) => void
      let toJob: (message: ToJob) => void
      let exit: (code: number | null, signal: string | null) => void
      serveJob(
        {
          send: (message) => (stuck ? undefined : toBackend(message as FromJob)),
          onMessage: (listener) => void (toJob = listener),
        },
        tasks,
      )
      return {
        send: (message) => queueMicrotask(() => (stuck ? undefined : toJob(message as ToJob))),
        onMessage: (listener) => void (toBackend = listener),
        onExit: (listener) => void (exit = listener),
        kill: () => queueMicrotask(() => exit(null, 'SIGKILL')),
      }
    },
  })
  const job = jobs.run('wait', null, { kind: 'train', title: 'Birds' })
  const ended = vi.fn()
  const done = unlessHung('cuda', job).finally(ended)
  done.catch(() => undefined)
  return { job, done, ended, getStuck: () => void (stuck = true) }
}

describe('a job on a device', () => {
  it('is never taken for hung while its process is alive, however long it has nothing to tell', async () => {
    const { job, done, ended } = working()
    await vi.advanceTimersByTimeAsync(2 * 3_600_000)
    expect(ended).not.toHaveBeenCalled()
    job.cancel()
    await expect(done).rejects.toMatchObject({ code: 'job/cancelled' })
  })

  it('is hung after five minutes of silence, and its process is ended', async () => {
    const { done, ended, getStuck } = working()
    await vi.advanceTimersByTimeAsync(1_000_000)
    getStuck()
    await vi.advanceTimersByTimeAsync(295_000)
    expect(ended).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(20_000)
    await expect(done).rejects.toMatchObject({
      code: 'device/hung',
      message: 'For 300 seconds nothing was heard of the graphics card (CUDA).',
      next: expect.stringContaining('“cpu”') as string,
    })
  })
})
