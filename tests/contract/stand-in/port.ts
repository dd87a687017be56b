import { EventEmitter } from 'node:events'
import { Serializer } from 'node:v8'
import { MessageChannel, type MessagePort } from 'node:worker_threads'

/** Throws what Electron throws where a message holds shared memory, which a port within one process would let through. */
export function betweenProcesses(message: unknown): unknown {
  const serializer = new Serializer()
  serializer.writeHeader()
  serializer.writeValue(message)
  return message
}

/** What Electron calls a MessagePortMain, on a port of Node's. */
export class StandInPort extends EventEmitter {
  readonly raw: MessagePort

  constructor(raw: MessagePort) {
    super()
    this.raw = raw
    raw.on('close', () => this.emit('close'))
  }
  /** As Electron's: nothing is delivered before. */
  start(): void {
    this.raw.on('message', (data: unknown) => this.emit('message', { data, ports: [] }))
  }
  postMessage(message: unknown): void {
    this.raw.postMessage(betweenProcesses(message))
  }
  close(): void {
    this.raw.close()
  }
}

export class StandInChannel {
  readonly port1: StandInPort
  readonly port2: StandInPort

  constructor() {
    const { port1, port2 } = new MessageChannel()
    this.port1 = new StandInPort(port1)
    this.port2 = new StandInPort(port2)
  }
}
