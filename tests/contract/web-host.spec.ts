import { readdir } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { startWebHost } from '../../src-main/hosts/web/web-host.ts'
import { backend, openWebHost } from './web-host.ts'

const { base, folder, grants, close } = await openWebHost()
afterAll(close)

describe('starting and ending', () => {
  it('says when the pages were never built', async () => {
    const start = startWebHost({ backend, grants, pages: join(folder, 'nowhere'), uploads: join(folder, 'uploads-2') })
    await expect(start).rejects.toMatchObject({ code: 'web/pages-missing' })
  })

  it('says when the port is taken', async () => {
    const options = { backend, grants, pages: join(folder, 'pages'), uploads: join(folder, 'uploads-3') }
    await expect(startWebHost({ ...options, port: Number(base.port) })).rejects.toMatchObject({
      code: 'web/port-taken',
    })
  })

  it('ends although a refused upgrade keeps its half open', async () => {
    const uploads = join(folder, 'uploads-5')
    const other = await startWebHost({ backend, grants, pages: join(folder, 'pages'), uploads })
    const port = Number(new URL(other.url).port)
    const socket = createConnection({ host: '127.0.0.1', port, allowHalfOpen: true }).on('error', () => undefined)
    const answered = new Promise((resolve) => socket.once('data', resolve))
    socket.write(`GET /socket HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`)
    expect(String(await answered)).toContain('403')
    await other.close()
    socket.destroy()
  })

  it('offers no picker without a root, and ends with open sockets', async () => {
    const uploads = join(folder, 'uploads-4')
    const other = await startWebHost({ backend, grants, pages: join(folder, 'pages'), uploads })
    const { port, search, origin } = new URL(other.url)
    const entered = await fetch(`${origin}/${search}`, { redirect: 'manual' })
    const own = entered.headers.getSetCookie()[0].split(';')[0]
    expect(await (await fetch(`${origin}/host`, { headers: { cookie: own } })).json()).toMatchObject({
      folderPicker: false,
    })
    expect((await fetch(`${origin}/folders`, { headers: { cookie: own } })).status).toBe(404)
    const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers: { cookie: own, origin } })
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('open', resolve))
    await other.close()
    expect(await closed).toBe(1001)
    await expect(readdir(uploads)).rejects.toThrow()
  })
})
