import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Backend } from '../../contract/index.ts'
import { serve, type Channel } from '../../contract/rpc.ts'
import { decode, encode } from '../../contract/wire.ts'

const longestMessage = 4 * 1024 * 1024 // bytes from a page; commands are short, files go by upload
const mostWaiting = 256 * 1024 * 1024 // bytes to a page that does not read; it gets a snapshot when it is back
const closingGrace = 500 // ms for a page to answer the goodbye
const pingEvery = 20_000 // ms; shorter than what tunnels and proxies let lie idle

/** Serves the backend to every socket that `admit` lets in; a refusal is answered before the upgrade. */
export function serveSockets(
  server: Server,
  backend: Backend,
  admit: (request: IncomingMessage, socket: Duplex) => boolean,
): { close(): void } {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: longestMessage, perMessageDeflate: false })
  const alive = new WeakSet<WebSocket>()

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (!admit(request, socket)) return
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      alive.add(webSocket)
      webSocket.binaryType = 'arraybuffer'
      webSocket.on('pong', () => alive.add(webSocket))
      // Its close event follows, and that ends the service.
      webSocket.on('error', () => webSocket.terminate())
      serve(backend, channelOf(webSocket))
    })
  })

  const heartbeat = setInterval(() => {
    for (const webSocket of sockets.clients) {
      if (!alive.delete(webSocket)) webSocket.terminate()
      else webSocket.ping()
    }
  }, pingEvery)
  heartbeat.unref()

  return {
    close() {
      clearInterval(heartbeat)
      for (const webSocket of sockets.clients) {
        webSocket.close(1001)
        setTimeout(() => webSocket.terminate(), closingGrace).unref()
      }
    },
  }
}

function channelOf(webSocket: WebSocket): Channel {
  return {
    send(message) {
      if (webSocket.readyState !== webSocket.OPEN) return
      if (webSocket.bufferedAmount > mostWaiting) webSocket.terminate()
      else webSocket.send(encode(message))
    },
    receive(listener) {
      webSocket.on('message', (data, isBinary) => {
        if (!isBinary) {
          webSocket.close(1003)
          return
        }
        let message: unknown
        try {
          message = decode(new Uint8Array(data as ArrayBuffer))
        } catch {
          webSocket.close(1007)
          return
        }
        listener(message)
      })
    },
    closed: (listener) => void webSocket.on('close', listener),
    close: () => webSocket.close(),
  }
}
