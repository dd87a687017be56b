import { afterAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { NumberedSnapshot } from '../../src-main/contract/index.ts'
import { connect } from '../../src-main/contract/rpc.ts'
import { decode, encode } from '../../src-main/contract/wire.ts'
import { openWebHost } from './web-host.ts'

const { base, cookie, close } = await openWebHost()
afterAll(close)

describe('the socket', () => {
  const open = (headers: Record<string, string>): Promise<WebSocket> => {
    const socket = new WebSocket(`ws://${base.host}/socket`, { headers })
    socket.binaryType = 'arraybuffer'
    return new Promise((resolve, reject) => socket.once('open', () => resolve(socket)).once('error', reject))
  }

  it('carries commands, typed arrays and the snapshot', async () => {
    const socket = await open({ cookie, origin: base.origin })
    const remote = connect({
      send: (message) => socket.send(encode(message)),
      receive: (listener) => socket.on('message', (data) => listener(decode(new Uint8Array(data as ArrayBuffer)))),
      closed: (listener) => socket.on('close', listener),
      close: () => socket.close(),
    })
    const { values } = await remote.getAttributes({ dataset: 'cub' })
    expect(values).toEqual(Float32Array.of(0.25, Number.NaN))
    const first = await new Promise<NumberedSnapshot>((resolve) =>
      remote.subscribe({ snapshot: resolve, event: () => undefined }),
    )
    expect(first.snapshot.about.version).toBe('1.2.3')
    await expect(remote.getAttributes({ dataset: '../x' })).rejects.toMatchObject({
      code: 'contract/invalid-arguments',
    })
    remote.close()
  })

  it.each([
    ['without the cookie', 401, () => ({ origin: base.origin })],
    ['from another origin', 403, () => ({ cookie, origin: 'http://127.0.0.1:1' })],
    ['without an origin', 403, () => ({ cookie })],
    ['under a rebound name', 403, () => ({ cookie, host: 'evil.example', origin: 'http://evil.example' })],
  ] as const)('is refused %s', async (_, status, headers) => {
    await expect(open(headers())).rejects.toThrow(`${status}`)
  })

  it.each([
    ['text', 1003, 'hello'],
    ['what cannot be decoded', 1007, Buffer.from([0xc1])],
    ['a message beyond the limit', 1009, Buffer.alloc(5 * 1024 * 1024)],
  ] as const)('ends a socket that sends %s', async (_, code, message) => {
    const socket = await open({ cookie, origin: base.origin })
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    socket.send(message)
    expect(await closed).toBe(code)
  })
})
