import type { ToJob } from '../../core/jobs/messages.ts'
import { serveJob } from '../../core/jobs/serve-job.ts'
import { services } from '../../core/jobs/service-table.ts'
import { tasks } from '../../core/jobs/tasks.ts'

// A terminal's Ctrl-C, or its end, goes to the whole group; the backend decides, and this process keeps its state first.
for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined)
process.parentPort.once('message', ({ ports: [port] }) => {
  serveJob(
    {
      send: (message) => port.postMessage(message),
      onMessage: (listener) => void port.on('message', ({ data }) => listener(data as ToJob)),
    },
    tasks,
    services,
  )
  // Without the backend there is nobody to work for. (If this thread is stuck: main kills the process when the backend
  // ends, and when main ends Chromium does it from a thread of its own; on Windows nobody does. The guard of a forked
  // Node waits at its standard input, which a utility process has not.) A plain exit would end the lanes of a training
  // in the middle of a step, and onnxruntime then aborts, which looks like a crash.
  port.on('close', () => process.kill(process.pid, 'SIGKILL'))
  port.start()
})
