import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Backend } from '../../src-main/contract/index.ts'
import { connect, serve, type Channel, type RemoteBackend } from '../../src-main/contract/rpc.ts'
import { decode, encode } from '../../src-main/contract/wire.ts'
import { betweenProcesses } from './stand-in/port.ts'

/** Patient on a busy machine, quick on an idle one. */
export async function until(condition: () => boolean): Promise<void> {
  await vi.waitUntil(condition, { timeout: 15_000, interval: 2 })
}

/** A way to reach a backend. `open` may be called again: who connects again gets a new connection to the same one. */
export interface Transport {
  open(): Promise<{ remote: RemoteBackend; channel: Channel; cut: () => void }>
  close(): Promise<void>
}

/** Stands for the desktop’s wire, which is one between processes. */
export const portChannel = (port: MessagePort): Channel => ({
  send: (message) => port.postMessage(betweenProcesses(message)),
  receive: (listener) => void port.on('message', listener),
  closed: (listener) => void port.on('close', listener),
  close: () => port.close(),
})

const socketChannel = (socket: WebSocket): Channel => ({
  send: (message) => socket.send(encode(message)),
  receive: (listener) => void socket.on('message', (data: Buffer) => listener(decode(data))),
  closed: (listener) => void socket.on('close', listener),
  close: () => socket.close(),
})

/** Within this thread; messages are cloned and come later, as over a real wire. */
export function channelPair(): [Channel, Channel] {
  const ends = [new EventTarget(), new EventTarget()] as const
  let open = true
  const close = (): void => {
    if (!open) return
    open = false
    queueMicrotask(() => ends.forEach((end) => end.dispatchEvent(new Event('close'))))
  }
  const channel = (own: EventTarget, other: EventTarget): Channel => ({
    send(message) {
      const copy: unknown = structuredClone(message)
      queueMicrotask(() => open && other.dispatchEvent(new CustomEvent('message', { detail: copy })))
    },
    receive: (listener) => own.addEventListener('message', (event) => listener((event as CustomEvent).detail)),
    closed: (listener) => own.addEventListener('close', listener),
    close,
  })
  return [channel(ends[0], ends[1]), channel(ends[1], ends[0])]
}

export const transports: Record<string, (backend: Backend) => Promise<Transport>> = {
  'in process': (backend) =>
    Promise.resolve({
      open() {
        const [here, there] = channelPair()
        serve(backend, there)
        return Promise.resolve({ remote: connect(here), channel: here, cut: () => there.close() })
      },
      close: () => Promise.resolve(),
    }),

  'a MessagePort': (backend) =>
    Promise.resolve({
      open() {
        const { port1, port2 } = new MessageChannel()
        serve(backend, portChannel(port2))
        const channel = portChannel(port1)
        return Promise.resolve({ remote: connect(channel), channel, cut: () => port2.close() })
      },
      close: () => Promise.resolve(),
    }),

  async 'a WebSocket'(backend) {
    const server = createServer()
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket) => serve(backend, socketChannel(socket)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return {
      async open() {
        const socket = new WebSocket(`ws://127.0.0.1:${port}`)
        await once(socket, 'open')
        const channel = socketChannel(socket)
        const cut = (): void => sockets.clients.forEach((client) => client.terminate())
        return { remote: connect(channel), channel, cut }
      },
      async close() {
        sockets.clients.forEach((client) => client.terminate())
        await new Promise((resolve) => server.close(resolve))
      },
    }
  },
}
