import { AppError, type DeviceName } from '../../contract/index.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { deviceWords } from './choice.ts'

/** Seconds of silence after which a device at work counts as hung: to compile a large network may take minutes. */
const longestSilence = 300
const look = 10 // s

/**
 * What a job on a device comes to. Rejects with `device/hung` where its process is stuck in the driver, and ends that.
 * Silence is counted by looks and not by the clock, which goes on while the machine sleeps.
 */
export async function unlessHung<T>(device: DeviceName, job: RunningJob<T>, silence = longestSilence): Promise<T> {
  const hung = new AbortController()
  let heard = job.heard()
  let silent = 0
  const timer = setInterval(() => {
    silent = job.heard() === heard ? silent + look : 0
    heard = job.heard()
    if (silent < silence) return
    hung.abort(
      new AppError('device/hung', `For ${silence} seconds nothing was heard of ${deviceWords[device]}.`, {
        next: 'Choose the device “cpu”, which is always there.',
      }),
    )
    job.cancel()
  }, look * 1000)
  try {
    return await job.done
  } finally {
    clearInterval(timer)
    hung.signal.throwIfAborted()
  }
}

/** Whether work ended because of its device, so that another one may do it. */
export const lostDevice = (code: string): boolean => ['job/died', 'device/failed', 'device/hung'].includes(code)
