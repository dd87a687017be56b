import { grantSchema } from '../../src-main/contract/index.ts'
import { connect, type Channel } from '../../src-main/contract/rpc.ts'
import { decode, encode } from '../../src-main/contract/wire.ts'
import type { Connection, FolderBrowser, FolderListing } from './connection.ts'
import { walkDrop } from './drop.ts'
import { reconnecting, type Link } from './reconnecting.ts'
import { releaseUploads, request, uploadFiles } from './upload.ts'

function openLink(): Promise<Link> {
  const socket = new WebSocket(new URL('/socket', window.location.href.replace(/^http/, 'ws')))
  socket.binaryType = 'arraybuffer'
  const channel: Channel = {
    send: (message) => socket.send(encode(message).slice()),
    receive: (listener) =>
      socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) =>
        listener(decode(new Uint8Array(data))),
      ),
    closed: (listener) => socket.addEventListener('close', listener, { once: true }),
    close: () => socket.close(),
  }
  return new Promise((resolve, reject) => {
    // A socket does not tell why it was refused; an ordinary request does.
    const refused = (): void => void request('GET', '/host').then(() => reject(new Error('not open yet')), reject)
    socket.addEventListener('close', refused, { once: true })

    socket.addEventListener(
      'open',
      () => {
        socket.removeEventListener('close', refused)
        resolve({
          backend: connect(channel),
          closed: (listener) => socket.addEventListener('close', listener, { once: true }),
        })
      },
      { once: true },
    )
  })
}

async function folders(): Promise<FolderBrowser | null> {
  const { folderPicker } = (await request('GET', '/host')) as { folderPicker: boolean }
  if (!folderPicker) return null
  return {
    list: async (path) => (await request('GET', `/folders?path=${encodeURIComponent(path)}`)) as FolderListing,
    grant: async (path) => grantSchema.parse(await request('POST', '/folders/grant', { path })),
  }
}

export function connectWeb(): Connection {
  return {
    ...reconnecting(openLink),
    files: { dropped: walkDrop, grant: uploadFiles, release: releaseUploads, folders },
    onMenu: () => undefined, // a browser keeps its menu to itself
  }
}
