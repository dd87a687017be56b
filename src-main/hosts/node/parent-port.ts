import { Worker } from 'node:worker_threads'
import type { ToJob } from '../../core/jobs/messages.ts'
import type { JobPort } from '../../core/jobs/serve-job.ts'

/** The forked process's wire to the process that forked it; without that one there is nobody to work for. */
export function parentPort(): JobPort {
  endWithParent()
  // A terminal's Ctrl-C or a service's stop goes to all; the parent decides, and this process keeps its state first.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)
  return {
    send: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on('message', (message) => listener(message as ToJob)),
  }
}

/**
 * The standard input is a pipe that closes with the parent, however that ends. A thread of its own waits for it, since
 * this one may be stuck in a native call or an endless loop; and only a signal ends the process from another thread.
 */
function endWithParent(): void {
  const wait = `
    const { Socket } = require('node:net')
    new Socket({ fd: 0 }).resume().on('close', () => process.kill(process.pid, 'SIGKILL'))`
  new Worker(wait, { eval: true }).unref()
}
