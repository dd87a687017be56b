import { AppError } from '../../contract/index.ts'
import type { RunningJob } from '../jobs/jobs.ts'

/** Longest that a healthy job says nothing, also on a machine that hardly has time for it. */
const longestSilence = 120_000 // ms

/**
 * Ends a job that has fallen silent. A file can be made so that a library which reads it (HDF5's, in WebAssembly) never
 * comes back; the job's own process cannot notice, and its tasks say a word every second otherwise.
 * @param start runs the job and hands on its progress. @throws what the job throws, or `dataset/endless-file`.
 */
export async function endWhenSilent<Output>(
  start: (onProgress: () => void) => RunningJob<Output>,
  silence = longestSilence,
): Promise<Output> {
  let timer: NodeJS.Timeout | undefined
  const silent = new AbortController()
  const listen = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      silent.abort()
      job.cancel()
    }, silence)
  }
  const job = start(listen)
  listen()
  try {
    return await job.done
  } catch (thrown) {
    if (!silent.signal.aborted) throw thrown
    throw new AppError('dataset/endless-file', 'Reading these files did not come to an end, so it was stopped.', {
      next: 'One of them is probably damaged. Copy or download them again. Nothing was imported.',
      cause: thrown,
    })
  } finally {
    clearTimeout(timer)
  }
}
