import {
  backendPortMessage,
  backendPortRequest,
  fromWireError,
  wireErrorSchema,
  type DesktopBridge,
} from '../../src-main/contract/index.ts'
import { connect, type Channel } from '../../src-main/contract/rpc.ts'
import type { Connection } from './connection.ts'
import { reconnecting, type Link } from './reconnecting.ts'

declare global {
  interface Window {
    readonly unseen?: DesktopBridge<File>
  }
}

/** The preload posts a port to the backend's process whenever the page asks for one. */
function requestPort(): Promise<MessagePort> {
  return new Promise((resolve) => {
    const listen = (message: MessageEvent): void => {
      const port = message.ports.at(0)
      if (message.source !== window || message.data !== backendPortMessage || !port) return
      window.removeEventListener('message', listen)
      resolve(port)
    }
    window.addEventListener('message', listen)
    window.postMessage(backendPortRequest, '/')
  })
}

async function openLink(): Promise<Link> {
  const port = await requestPort()
  const ended = new Set<() => void>()
  const channel: Channel = {
    send: (message) => port.postMessage(message),
    receive: (listener) => port.addEventListener('message', ({ data }) => listener(data)),
    closed: (listener) => void ended.add(listener),
    close: () => port.close(),
  }
  port.addEventListener('close', () => ended.forEach((listener) => listener()))
  const backend = connect(channel)
  port.start()
  return { backend, closed: (listener) => void ended.add(listener) }
}

/** The preload rejects with a refusal in wire form: an Error's own fields do not get through its bridge. */
function rebuilt(thrown: unknown): never {
  const wire = wireErrorSchema.safeParse(thrown)
  throw wire.success ? fromWireError(wire.data) : thrown
}

export function connectDesktop(bridge: DesktopBridge<File>): Connection {
  return {
    ...reconnecting(openLink),
    files: {
      // A dropped folder is one File here; the preload knows its path, and nobody else.
      dropped: (transfer) => Promise.resolve([...transfer.files].map((file) => ({ file, path: file.name }))),
      grant: (files) => bridge.grantFiles(files.map(({ file }) => file)).catch(rebuilt),
      release: () => undefined,
      chooseFolder: () => bridge.chooseFolder().catch(rebuilt),
    },
    onMenu: (listener) => bridge.onMenu(listener),
  }
}
