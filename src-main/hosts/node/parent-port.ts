import type { ToJob } from '../../core/jobs/messages.ts'
import type { JobPort } from '../../core/jobs/serve-job.ts'

/** The forked process's wire to the process that forked it; without that one there is nobody to work for. */
export function parentPort(): JobPort {
  process.on('disconnect', () => process.exit())
  return {
    send: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on('message', (message) => listener(message as ToJob)),
  }
}
