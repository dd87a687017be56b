import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../contract/index.ts'
import { endWhenSilent } from './watch.ts'

const jobThat = (done: Promise<string>, cancel = (): void => undefined) => ({ id: 'job', done, cancel })

describe('a job that says nothing for too long', () => {
  it('is ended, and the person told', async () => {
    let die = (): void => undefined
    const never = new Promise<string>((_, reject) => (die = () => reject(new AppError('job/died', 'It died.'))))
    const cancelled = endWhenSilent(() => jobThat(never, () => die()), 20)
    await expect(cancelled).rejects.toMatchObject({ code: 'dataset/endless-file' })
  })

  it('is not one that reports, however long it takes', async () => {
    const done = endWhenSilent((onProgress) => {
      const work = async () => {
        for (let words = 0; words < 20; words++) {
          await setTimeout(10)
          onProgress()
        }
        return 'imported'
      }
      return jobThat(work())
    }, 150)
    expect(await done).toBe('imported')
  })

  it('keeps its own error when it has one', async () => {
    const failed = Promise.reject<string>(new AppError('dataset/damaged-file', 'It is damaged.'))
    await expect(endWhenSilent(() => jobThat(failed))).rejects.toMatchObject({ code: 'dataset/damaged-file' })
  })
})
