import { EventEmitter } from 'node:events'
import { parentPort, workerData, type MessagePort } from 'node:worker_threads'
import { StandInPort } from './port.ts'

// Runs in a worker, in place of an Electron utility process: gives it `process.parentPort` and runs its entry.

class StandInParentPort extends EventEmitter {
  constructor() {
    super()
    // As Electron's: messages wait until somebody listens.
    this.once('newListener', () =>
      parentPort!.on('message', ({ data, ports }: { data: unknown; ports: MessagePort[] }) =>
        this.emit('message', { data, ports: ports.map((port) => new StandInPort(port)) }),
      ),
    )
  }
  postMessage(message: unknown): void {
    parentPort!.postMessage(message)
  }
}

Object.assign(process, { parentPort: new StandInParentPort() })
await import((workerData as { entry: string }).entry)
