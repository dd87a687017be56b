import type { ToJob } from '../../core/jobs/messages.ts'
import { serveJob } from '../../core/jobs/serve-job.ts'
import { tasks } from '../../core/jobs/tasks.ts'

// A terminal's Ctrl-C goes to the whole group; the backend decides, and this process keeps its state first.
process.on('SIGINT', () => undefined)
process.parentPort.once('message', ({ ports: [port] }) => {
  serveJob(
    {
      send: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on('message', ({ data }) => listener(data as ToJob)),
    },
    tasks,
  )
  // Without the backend there is nobody to work for.
  port.on('close', () => process.exit())
  port.start()
})
