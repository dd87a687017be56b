import { randomUUID } from 'node:crypto'
import type { MessagePortMain } from 'electron'
import type { JobProcess, SpawnJob } from '../../core/jobs/spawn.ts'
import type { ToMain } from './messages.ts'

interface Requested {
  started(port: MessagePortMain): void
  exited(code: number, errorOutput: string): void
}

/**
 * Only the main process can start a process, so that the backend asks it to. A job's messages then go straight between
 * the two through a port; its exit comes by way of main.
 */
export function jobsThroughMain(tell: (message: ToMain) => void): {
  spawnJob: SpawnJob
  started(job: string, port: MessagePortMain): void
  exited(job: string, code: number, errorOutput: string): void
} {
  const requested = new Map<string, Requested>()

  function spawnJob(): JobProcess {
    const job = randomUUID()
    const messageListeners: ((message: unknown) => void)[] = []
    const exitListeners: ((code: number | null, signal: string | null) => void)[] = []
    const waiting: unknown[] = []
    let port: MessagePortMain | undefined
    let lastWords = ''

    requested.set(job, {
      started(given) {
        port = given
        port.on('message', ({ data }) => messageListeners.forEach((listener) => listener(data)))
        port.start()
        for (const message of waiting.splice(0)) port.postMessage(message)
      },
      exited(code, errorOutput) {
        requested.delete(job)
        port?.close()
        lastWords = errorOutput
        exitListeners.forEach((listener) => listener(code, null))
      },
    })
    tell({ type: 'start-job', job })
    return {
      send: (message) => (port ? port.postMessage(message) : void waiting.push(message)),
      onMessage: (listener) => void messageListeners.push(listener),
      onExit: (listener) => void exitListeners.push(listener),
      kill: () => tell({ type: 'kill-job', job }),
      stderr: () => lastWords,
    }
  }

  return {
    spawnJob,
    started: (job, port) => requested.get(job)?.started(port),
    exited: (job, code, errorOutput) => requested.get(job)?.exited(code, errorOutput),
  }
}
