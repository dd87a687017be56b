import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AppError, Job } from '../../contract/index.ts'
import { createJobs, type Jobs } from '../../core/jobs/jobs.ts'
import type { FixtureTasks } from '../../core/jobs/tasks.fixture.ts'
import { nodeSpawnJob } from './spawn-job.ts'

let jobs: Jobs<FixtureTasks>
let told: Job[]
let logged: string[]
function start(entry = './job-process.fixture.ts', cancelGrace = 5000): void {
  told = []
  logged = []
  jobs = createJobs<FixtureTasks>({
    spawnJob: nodeSpawnJob(new URL(entry, import.meta.url)),
    emit: (event) => {
      if (event.type === 'job') told.push(event.job)
    },
    log: (line) => void logged.push(line),
    cancelGrace,
  })
}
let folder: string
let begun: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-jobs-'))
  begun = join(folder, 'begun')
})
afterEach(async () => {
  await jobs.close()
  await rm(folder, { recursive: true })
})

const named = (title: string) => ({ kind: 'train', title }) as const
const heard = (line: string | RegExp): Promise<Job> =>
  vi.waitUntil(() => told.find(({ message }) => (typeof line === 'string' ? message === line : line.test(message))), {
    timeout: 15_000,
    interval: 5,
  })
const stateOf = (id: string) => jobs.list().find((job) => job.id === id)?.state
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('jobs in forked processes', { timeout: 30_000 }, () => {
  it('take and give typed arrays', async () => {
    start()
    const job = jobs.run('double', Float32Array.of(1, 2.5), named('numbers'))
    expect(await job.done).toEqual({ doubled: Float32Array.of(2, 5) })
    expect(jobs.list()).toMatchObject([{ id: job.id, kind: 'train', title: 'numbers', state: 'done', progress: 1 }])
    expect(told.map(({ state }) => state)).toEqual(['running', 'done'])
  })

  it('end with the task’s own error, code, next step and details kept', async () => {
    start()
    const job = jobs.run('fail', null, named('odd'))
    await expect(job.done).rejects.toMatchObject({
      ...{ name: 'AppError', code: 'dataset/too-odd', message: 'It is odd.', next: 'Even it.', details: { by: 1 } },
    })
    expect(told.at(-1)).toMatchObject({ state: 'failed', error: { code: 'dataset/too-odd', next: 'Even it.' } })
    await expect(jobs.run('bug', null, named('bug')).done).rejects.toMatchObject({
      ...{ code: 'internal/unexpected', message: 'Something unexpected happened in Unseen (TypeError).' },
    })
    expect(logged).toEqual([expect.stringMatching(/^Job bug, “bug”: TypeError: x is not a function\n +at /)])
  })

  it('live on when another is killed, which ends with a sentence that names the signal', async () => {
    start()
    const killed = jobs.run('wait', null, named('Birds'))
    const pid = Number((await heard(/^\d+$/)).message)
    const other = jobs.run('keep', null, named('Fish'))
    await heard('started')

    process.kill(pid, 'SIGKILL')
    const error = await killed.done.catch((thrown: unknown) => thrown as AppError)
    expect(error).toMatchObject({ code: 'job/died', details: { signal: 'SIGKILL' } })
    expect((error as AppError).message).toBe('The process that worked on “Birds” was ended by the system (SIGKILL).')
    expect([stateOf(killed.id), stateOf(other.id)]).toEqual(['failed', 'running'])

    other.cancel()
    expect(await other.done).toBe('kept')
    expect(await jobs.run('double', Float32Array.of(1), named('after')).done).toEqual({ doubled: Float32Array.of(2) })
  })

  it('that abort natively end with a sentence, and what they last wrote is in the log', async () => {
    start()
    await expect(jobs.run('abort', null, named('abort')).done).rejects.toMatchObject({
      ...{ code: 'job/died', details: { signal: 'SIGABRT', exitCode: null } },
    })
    expect(logged).toEqual([expect.stringMatching(/^Job abort, “abort”, died: .*SIGABRT\. native: out of memory/)])
  })

  it('that cannot start end with an error too', async () => {
    start('./no-such-file.ts')
    await expect(jobs.run('double', Float32Array.of(1), named('none')).done).rejects.toMatchObject({
      ...{ code: 'job/died', details: { signal: null, exitCode: 1 } },
    })
    expect(logged).toEqual([expect.stringContaining('no-such-file')])
    expect(JSON.stringify(told)).not.toContain('no-such-file')
  })

  it('stop when they are cancelled, and their process is gone', async () => {
    start()
    const job = jobs.run('wait', null, named('wait'))
    const pid = Number((await heard(/^\d+$/)).message)
    jobs.cancel(job.id)
    expect(stateOf(job.id)).toBe('cancelling')
    await expect(job.done).rejects.toMatchObject({ code: 'job/cancelled' })
    expect(told.at(-1)).toMatchObject({ state: 'cancelled', error: null })
    await vi.waitUntil(() => !isAlive(pid), 15_000)
    expect(() => jobs.cancel('nothing')).toThrow(expect.objectContaining({ code: 'job/unknown' }))
  })

  it('are ended when they do not stop within the grace', async () => {
    start(undefined, 50)
    const job = jobs.run('hang', begun, named('hang'))
    await vi.waitUntil(() => existsSync(begun), 15_000)
    job.cancel()
    await expect(job.done).rejects.toMatchObject({ code: 'job/cancelled' })
  })

  it('tell every metric in order, of plain progress only as much as a person sees, and its last', async () => {
    start()
    const metrics: number[] = []
    const lines: string[] = []
    const job = jobs.run('chatter', 2000, {
      ...named('chatter'),
      onProgress: (progress) => {
        if ('metric' in progress) metrics.push(progress.metric)
        else lines.push(progress.message)
      },
    })
    await job.done
    expect(metrics).toEqual(Array.from({ length: 200 }, (_, index) => (index + 1) * 10))
    expect(lines.length).toBeLessThan(30)
    expect(lines.at(-1)).toBe('last line')
  })

  it('are over when the application closes, and none starts after', async () => {
    start(undefined, 200)
    const job = jobs.run('wait', null, named('wait'))
    const pid = Number((await heard(/^\d+$/)).message)
    await jobs.close()
    await expect(job.done).rejects.toMatchObject({ code: 'job/cancelled' })
    expect(isAlive(pid)).toBe(false)
    expect(() => jobs.run('wait', null, named('late'))).toThrow(expect.objectContaining({ code: 'job/closing' }))
  })

  it.each(['hang', 'wait'])(
    'end by themselves when their parent is killed, even in an endless loop: %s',
    async (task) => {
      const parent = spawn(
        process.execPath,
        [fileURLToPath(new URL('parent.fixture.ts', import.meta.url)), task, begun],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      )
      const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
      if (task === 'hang') await vi.waitUntil(() => existsSync(begun), 15_000)
      expect(isAlive(Number(pid))).toBe(true)
      parent.kill('SIGKILL')
      await vi.waitUntil(() => !isAlive(Number(pid)), 15_000)
    },
  )
})
