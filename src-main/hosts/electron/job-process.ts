import type { ToJob } from '../../core/jobs/messages.ts'
import { serveJob } from '../../core/jobs/serve-job.ts'
import { tasks } from '../../core/jobs/tasks.ts'

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
