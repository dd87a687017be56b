import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { catalogue, download, partialBytes, type CatalogueEntry, type DownloadOptions } from './index.ts'

const content = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at) % 251))
const sha256 = createHash('sha256').update(content).digest('hex')

let folder: string
const closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-download-'))
  // Whatever proxy this computer has: not for these.
  for (const name of ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'])
    vi.stubEnv(name, '')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0)) await close()
  await rm(folder, { recursive: true })
})

interface Seen {
  readonly url: string
  readonly range: string | undefined
  readonly ifRange: string | undefined
}

interface Server {
  readonly base: string
  readonly seen: Seen[]
  readonly cut: () => void
}

type Behaviour = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** A server on this computer that does what `behave` says with every request, and remembers them. */
async function serve(behave: Behaviour): Promise<Server> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', range: request.headers.range, ifRange: request.headers['if-range'] as string })
    behave(request, response, seen.length)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((done) => server.close(done))
  })
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { base, seen, cut: () => server.closeAllConnections() }
}

/** Gives the file as a good server does: ranges, a strong tag. */
const good: Behaviour = (request, response) => {
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
  const start = request.headers['if-range'] === '"v1"' && from !== undefined ? Number(from) : 0
  response.setHeader('etag', '"v1"')
  response.setHeader('content-length', content.length - start)
  if (start > 0) response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`)
  response.writeHead(start > 0 ? 206 : 200)
  response.end(content.subarray(start))
}

/** Sends so many bytes and then nothing. */
const half =
  (length: number, etag = '"v1"'): Behaviour =>
  (_, response) => {
    response.writeHead(200, { etag, 'content-length': content.length })
    response.write(content.subarray(0, length))
  }

/** A download whose connection is cut when so many bytes have come. */
async function cutAt(length: number, base: Server, entry: CatalogueEntry): Promise<AppError> {
  return failure(run(entry, { onProgress: (done) => done === length && base.cut() }))
}

const inTurn =
  (...behaviours: Behaviour[]): Behaviour =>
  (request, response, count) =>
    behaviours[Math.min(count, behaviours.length) - 1](request, response, count)

const entryOf = (url: string, wanted: Partial<NonNullable<CatalogueEntry['download']>> = {}): CatalogueEntry => ({
  ...catalogue[0],
  download: { url, bytes: content.length, sha256, ...wanted },
})

const run = (entry: CatalogueEntry, options: Partial<DownloadOptions> = {}): Promise<string> =>
  download(entry, folder, { signal: new AbortController().signal, loopback: true, stallSeconds: 5, ...options })

async function failure(work: Promise<unknown>): Promise<AppError> {
  const thrown: unknown = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(thrown).toBeInstanceOf(AppError)
  return thrown as AppError
}

describe('a download', () => {
  it('arrives whole, with progress, and leaves nothing beside it', async () => {
    const { base } = await serve(good)
    const heard: number[] = []
    const path = await run(entryOf(`${base}/a.onnx`), { onProgress: (done, total) => heard.push(done, total) })
    expect(path).toBe(join(folder, 'model.onnx'))
    expect((await readFile(path)).equals(content)).toBe(true)
    expect(heard.slice(-2)).toEqual([content.length, content.length])
    expect(await readdir(folder)).toEqual(['model.onnx'])
    expect(await partialBytes(folder)).toBe(0)
  })

  it('follows redirects', async () => {
    const { base, seen } = await serve((request, response, count) => {
      if (request.url === '/b') good(request, response, count)
      else response.writeHead(302, { location: '/b' }).end('moved')
    })
    await run(entryOf(`${base}/a`))
    expect(seen.map(({ url }) => url)).toEqual(['/a', '/b'])
  })

  it('gives up on redirects without end', async () => {
    const { base } = await serve((_, response) => response.writeHead(302, { location: '/again' }).end())
    expect((await failure(run(entryOf(`${base}/a`)))).code).toBe('download/too-many-redirects')
  })

  it('does not follow to where nothing is encrypted', async () => {
    const { base } = await serve((_, response) => response.writeHead(302, { location: 'http://example.org/x' }).end())
    expect((await failure(run(entryOf(`${base}/a`)))).code).toBe('download/insecure-redirect')
    expect((await failure(run(entryOf(`${base}/a`), { loopback: false }))).code).toBe('download/insecure-redirect')
  })

  it('goes through the proxy of the environment', async () => {
    const { base } = await serve(good)
    const proxy = createServer()
    const asked: string[] = []
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '')
      const [host, port] = (request.url ?? '').split(':')
      const onward = connect(Number(port), host, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        onward.pipe(socket).pipe(onward)
      })
      socket.on('error', () => onward.destroy())
      onward.on('error', () => socket.destroy())
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    closers.push(async () => {
      await new Promise((done) => proxy.close(done))
    })
    vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    await run(entryOf(`${base}/a`))
    expect(asked).toEqual([new URL(base).host])
  })

  it('says when the proxy refuses, and when its address is none', async () => {
    const { base } = await serve(good)
    const proxy = createServer()
    proxy.on('connect', (_, socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    closers.push(async () => {
      await new Promise((done) => proxy.close(done))
    })
    vi.stubEnv('http_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    expect((await failure(run(entryOf(`${base}/a`)))).code).toBe('download/proxy-refused')
    vi.stubEnv('http_proxy', 'not an address')
    expect((await failure(run(entryOf(`${base}/a`)))).code).toBe('download/proxy-refused')
  })
})

describe('a download that was cut', () => {
  it('goes on from where it was', async () => {
    const server = await serve(inTurn(half(100_000), good))
    const { base, seen } = server
    const error = await cutAt(100_000, server, entryOf(`${base}/a`))
    expect(error.code).toBe('download/truncated')
    expect(error.next).toContain('goes on')
    expect(await partialBytes(folder)).toBe(100_000)
    const path = await run(entryOf(`${base}/a`))
    expect((await readFile(path)).equals(content)).toBe(true)
    expect(seen[1]).toMatchObject({ range: 'bytes=100000-', ifRange: '"v1"' })
  })

  it('begins anew where the file has changed meanwhile, or the server knows no ranges', async () => {
    const server = await serve(inTurn(half(100_000, '"v0"'), half(50_000), good))
    const { base } = server
    await cutAt(100_000, server, entryOf(`${base}/a`))
    await cutAt(50_000, server, entryOf(`${base}/a`))
    expect(await partialBytes(folder)).toBe(50_000)
    expect((await readFile(await run(entryOf(`${base}/a`)))).equals(content)).toBe(true)
  })

  it('begins anew where nothing says which file the part is of', async () => {
    const server = await serve(inTurn(half(100_000, 'W/"v1"'), good))
    const { base, seen } = server
    await cutAt(100_000, server, entryOf(`${base}/a`))
    expect(await partialBytes(folder)).toBe(0)
    expect((await readFile(await run(entryOf(`${base}/a`)))).equals(content)).toBe(true)
    expect(seen[1].range).toBeUndefined()
  })

  it('is not continued with another file', async () => {
    const server = await serve(inTurn(half(100_000), good))
    const { base, seen } = server
    await cutAt(100_000, server, entryOf(`${base}/a`))
    expect((await readFile(await run(entryOf(`${base}/b`)))).equals(content)).toBe(true)
    expect(seen[1].range).toBeUndefined()
  })

  it('needs no connection where only the check was missing', async () => {
    await writeFile(join(folder, 'model.onnx.part'), content)
    const url = 'http://127.0.0.1:9/a'
    await writeFile(join(folder, 'model.onnx.part.json'), JSON.stringify({ url, etag: '"v1"' }))
    expect((await readFile(await run(entryOf(url)))).equals(content)).toBe(true)
  })

  it('is thrown away where the server goes on from another place', async () => {
    const server = await serve(
      inTurn(half(100_000), (_, response) =>
        response.writeHead(206, { 'content-range': `bytes 5-${content.length - 1}/${content.length}` }).end(),
      ),
    )
    const { base } = server
    await cutAt(100_000, server, entryOf(`${base}/a`))
    expect((await failure(run(entryOf(`${base}/a`)))).code).toBe('download/refused')
    expect(await readdir(folder)).toEqual([])
  })

  it('stays when it is cancelled', async () => {
    const { base } = await serve(half(100_000))
    const controller = new AbortController()
    const reason = new Error('enough')
    const work = run(entryOf(`${base}/a`), {
      signal: controller.signal,
      onProgress: (done) => {
        if (done === 100_000) controller.abort(reason)
      },
    })
    await expect(work).rejects.toBe(reason)
    expect(await partialBytes(folder)).toBe(100_000)
  })

  it('stays when nothing comes any more', async () => {
    const { base } = await serve(half(100_000))
    const error = await failure(run(entryOf(`${base}/a`), { stallSeconds: 0.2 }))
    expect(error.code).toBe('download/stalled')
    expect(error.next).toContain('goes on')
    expect(await partialBytes(folder)).toBe(100_000)
  })
})

describe('a download that cannot be trusted', () => {
  it('ends where the server never answers', async () => {
    const { base } = await serve(() => undefined)
    expect((await failure(run(entryOf(`${base}/a`), { stallSeconds: 0.2 }))).code).toBe('download/stalled')
  })

  it('is thrown away where the checksum differs', async () => {
    const { base } = await serve(good)
    const error = await failure(run(entryOf(`${base}/a`, { sha256: '0'.repeat(64) })))
    expect(error.code).toBe('download/wrong-checksum')
    expect(await readdir(folder)).toEqual([])
  })

  it('is not begun where another length is announced', async () => {
    const { base } = await serve(good)
    const error = await failure(run(entryOf(`${base}/a`, { bytes: content.length + 1 })))
    expect(error.code).toBe('download/wrong-length')
    expect(await readdir(folder)).toEqual([])
  })

  it('ends where more comes than there should be', async () => {
    const { base } = await serve((_, response) => response.writeHead(200).end(Buffer.concat([content, content])))
    expect((await failure(run(entryOf(`${base}/a`)))).code).toBe('download/wrong-length')
    expect(await readdir(folder)).toEqual([])
  })

  it('is not whole where less comes without a length', async () => {
    const { base } = await serve((_, response) => response.writeHead(200).end(content.subarray(1)))
    expect((await failure(run(entryOf(`${base}/a`)))).code).toBe('download/truncated')
    expect(await readdir(folder)).toEqual(['model.onnx.part'])
  })

  it.each([
    [404, 'download/not-found'],
    [410, 'download/not-found'],
    [403, 'download/refused'],
    [503, 'download/refused'],
  ])('says what status %i means', async (status, code) => {
    const { base } = await serve((_, response) => response.writeHead(status).end('<html>no</html>'))
    const error = await failure(run(entryOf(`${base}/a`)))
    expect(error.code).toBe(code)
    expect(error.next).toContain('drop it here')
    expect(await readdir(folder)).toEqual([])
  })

  it('asks for the file where there is no connection', async () => {
    const { base } = await serve(good)
    for (const close of closers.splice(0)) await close()
    const error = await failure(run(entryOf(`${base}/a`)))
    expect(error.code).toBe('download/offline')
    expect(error.next).toContain('drop it here')
  })

  it('is refused where no checksum is known', async () => {
    const work = download({ ...catalogue[0], download: null }, folder, { signal: new AbortController().signal })
    expect((await failure(work)).code).toBe('download/unverified')
  })
})
