import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../contract/index.ts'
import { endWhenSilent } from './watch.ts'

const jobThat = (done: Promise<string>, cancel = (): void => undefined) => ({
  ...{ id: 'job', done, heard: () => 0, cancel },
})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('a job that says nothing for too long', () => {
  it('is ended, and the person told', async () => {
    let die = (): void => undefined
    const never = new Promise<string>((_, reject) => (die = () => reject(new AppError('job/died', 'It died.'))))
    const cancel = vi.fn(() => die())
    const told = expect(endWhenSilent(() => jobThat(never, cancel))).rejects.toMatchObject({
      code: 'dataset/endless-file',
    })
    await vi.advanceTimersByTimeAsync(119_000)
    expect(cancel).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1000)
    await told
  })

  it('is not one that reports, however long it takes', async () => {
    let finish: (output: string) => void = () => undefined
    let report = (): void => undefined
    const cancel = vi.fn()
    const done = endWhenSilent((onProgress) => {
      report = onProgress
      return jobThat(new Promise((resolve) => (finish = resolve)), cancel)
    })
    for (let minute = 0; minute < 60; minute++) {
      await vi.advanceTimersByTimeAsync(60_000)
      report()
    }
    expect(cancel).not.toHaveBeenCalled()
    finish('imported')
    expect(await done).toBe('imported')
  })

  it('keeps its own error when it has one', async () => {
    const failed = Promise.reject<string>(new AppError('dataset/damaged-file', 'It is damaged.'))
    await expect(endWhenSilent(() => jobThat(failed))).rejects.toMatchObject({ code: 'dataset/damaged-file' })
  })
})
