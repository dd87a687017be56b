import type { RunningBackend } from '../../core/create-backend.ts'
import { asCancelled } from './interruption.ts'
import { showingJobs } from './session.ts'
import type { Shell } from './shell.ts'

/** Long work that Ctrl-C cancels; what was there before stays as it was. Shows the progress of its jobs. */
export function cancellable<T>(
  session: RunningBackend,
  { output, interruption }: Shell,
  work: () => Promise<T>,
): Promise<T> {
  return showingJobs(session, output, (cancel) => {
    const stop = (): void => {
      output.note('Cancelling; press Ctrl-C again to quit at once.')
      cancel()
    }
    return interruption.during(stop, work())
  }).catch(asCancelled)
}
