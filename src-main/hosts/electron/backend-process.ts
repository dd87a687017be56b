import type { MessagePortMain } from 'electron'
import type { Backend } from '../../contract/index.ts'
import { serve, type Channel } from '../../contract/rpc.ts'
import { createBackend, type RunningBackend } from '../../core/create-backend.ts'
import { loggedWireError } from '../node/wire-error.ts'
import type { ToBackend, ToMain } from './messages.ts'
import { jobsThroughMain } from './spawn-job.ts'

const tell = (message: ToMain): void => process.parentPort.postMessage(message)
const jobs = jobsThroughMain(tell)
// A terminal's Ctrl-C, or its end, goes to the whole group; main decides, and trainings are kept first.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
let starting: Promise<RunningBackend> | undefined

process.parentPort.on('message', ({ data, ports }) => {
  const message = data as ToBackend
  switch (message.type) {
    case 'start':
      starting = createBackend({
        workspace: message.workspace,
        version: message.version,
        host: 'desktop',
        spawnJob: jobs.spawnJob,
      })
      starting.then(
        ({ backend }) => {
          watchWork(backend, (working) => tell({ type: 'working', working }))
          tell({ type: 'started' })
        },
        (thrown: unknown) => tell({ type: 'not-started', error: loggedWireError(thrown) }),
      )
      break
    case 'page':
      void servePage(ports[0])
      break
    case 'grant':
      void grant(message.request, message.path)
      break
    case 'job-started':
      jobs.started(message.job, ports[0])
      break
    case 'job-exited':
      jobs.exited(message.job, message.code, message.errorOutput)
      break
    case 'close':
      void close()
  }
})

/** Tells when work begins, and when the last of it has ended. */
function watchWork(backend: Backend, changed: (working: boolean) => void): void {
  const running = new Set<string>()
  backend.subscribe({
    snapshot: () => undefined,
    event({ event }) {
      if (event.type !== 'job') return
      const before = running.size
      if (event.job.state === 'running' || event.job.state === 'cancelling') running.add(event.job.id)
      else running.delete(event.job.id)
      if (before === 0 || running.size === 0) changed(running.size > 0)
    },
  })
}

async function servePage(port: MessagePortMain): Promise<void> {
  const running = await starting?.catch(() => undefined)
  if (running === undefined) {
    port.close()
    return
  }
  serve(running.backend, channelOf(port))
  port.start()
}

async function grant(request: number, path: string): Promise<void> {
  try {
    const grant = await (await starting!).grants.add(path)
    tell({ type: 'granted', request, grant })
  } catch (thrown) {
    tell({ type: 'not-granted', request, error: loggedWireError(thrown) })
  }
}

async function close(): Promise<void> {
  try {
    const running = await starting?.catch(() => undefined)
    await running?.close()
  } catch (thrown) {
    console.error(thrown)
  } finally {
    process.exit()
  }
}

function channelOf(port: MessagePortMain): Channel {
  return {
    send: (message) => port.postMessage(message),
    receive: (listener) => void port.on('message', ({ data }) => listener(data)),
    closed: (listener) => void port.on('close', listener),
    close: () => port.close(),
  }
}
