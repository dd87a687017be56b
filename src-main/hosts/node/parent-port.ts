import type { ToJob } from '../../core/jobs/messages.ts'
import type { JobPort } from '../../core/jobs/serve-job.ts'

/** The forked process's wire to the process that forked it; without that one there is nobody to work for. */
export function parentPort(): JobPort {
  process.on('disconnect', () => process.exit())
  // A terminal's Ctrl-C goes to the whole group; the parent decides, and this process keeps its state first.
  process.on('SIGINT', () => undefined)
  process.on('SIGHUP', () => undefined)
  return {
    send: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on('message', (message) => listener(message as ToJob)),
  }
}
