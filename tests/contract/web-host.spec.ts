import { mkdir, mkdtemp, readFile, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Backend, Grant, NumberedSnapshot, WireError } from '../../src-main/contract/index.ts'
import { connect } from '../../src-main/contract/rpc.ts'
import { decode, encode } from '../../src-main/contract/wire.ts'
import { createGrants, type Grants } from '../../src-main/core/grants.ts'
import { relativeSegments } from '../../src-main/hosts/web/relative-path.ts'
import { startWebHost, type WebHost } from '../../src-main/hosts/web/web-host.ts'

/** What the host is asked about is its door, not what lies behind it: a backend of three commands is enough. */
const backend = {
  subscribe(listener) {
    const machine = { processor: '', cores: 1, memoryBytes: 0 }
    const about = { version: '1.2.3', workspace: 'w', host: 'web', machine } as const
    const nothing = {
      datasets: [],
      runs: [],
      jobs: [],
      devices: [],
      backbones: [],
      classifications: [],
      classBooks: [],
    }
    listener.snapshot({ sequence: 0, snapshot: { about, ...nothing } })
    return () => undefined
  },
  getAttributes: () => Promise.resolve({ rows: 1, columns: 2, values: Float32Array.of(0.25, Number.NaN) }),
} as Partial<Backend> as Backend

let folder: string
let grants: Grants
let host: WebHost
let base: URL
let cookie: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'unseen-web-')))
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await write('secret.txt', 'secret')
  await write('pages/index.html', '<title>Unseen</title>')
  await write('pages/assets/main-abc.js', 'void 0')
  await write('root/sub/inner.mat', 'x')
  await write('root/file 10.csv', 'x')
  await write('root/file 9.csv', 'x')
  await write('uploads/left-by-a-crash/file', 'x')
  await symlink(folder, join(folder, 'root/outwards'))
  await symlink(join(folder, 'root/sub'), join(folder, 'root/inwards'))
  grants = createGrants()
  host = await startWebHost({
    backend,
    grants,
    pages: join(folder, 'pages'),
    uploads: join(folder, 'uploads'),
    uploadLimit: 100_000,
    root: join(folder, 'root'),
  })
  base = new URL(host.url)
  const entered = await ask('GET', base.pathname + base.search, { signedIn: false })
  expect(entered.status).toBe(303)
  cookie = entered.headers['set-cookie']![0].split(';')[0]!
})

afterAll(async () => {
  await host.close()
  await rm(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}
interface Asking {
  readonly signedIn?: boolean
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

/** A request as written: neither the path nor the Host is tidied up, as `fetch` would. */
function ask(method: string, path: string, { signedIn = true, headers = {}, body }: Asking = {}): Promise<Answer> {
  const own = method === 'GET' ? {} : { origin: base.origin }
  const all = { host: base.host, ...(signedIn ? { cookie } : {}), ...own, ...headers }
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: base.port, method, path, headers: all }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
    })
    request.on('error', reject)
    request.end(body)
  })
}

const json = (answer: Answer): unknown => JSON.parse(answer.text)
const codeOf = (answer: Answer): string => (json(answer) as WireError).code

describe('the door', () => {
  it('opens with the token, once, and stays open with the cookie', async () => {
    const entered = await ask('GET', base.pathname + base.search, { signedIn: false })
    expect(entered.headers.location).toBe('/')
    expect(entered.headers['set-cookie']![0]).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/)
    expect(entered.headers['set-cookie']![0]).toContain(`unseen-${base.port}=`)
    expect(cookie).not.toContain(base.searchParams.get('token'))
    const page = await ask('GET', '/')
    expect(page).toMatchObject({ status: 200, text: '<title>Unseen</title>' })
  })

  it.each(['/', '/host', '/folders', '/assets/main-abc.js', '/?token=', '/?token=wrong', '/host?token=wrong'])(
    'stays shut without them: %s',
    async (path) => {
      const refused = await ask('GET', path, { signedIn: false })
      expect(refused.status).toBe(401)
      expect(codeOf(refused)).toBe('web/not-signed-in')
    },
  )

  it('takes the token at the first page only', async () => {
    expect((await ask('GET', `/host${base.search}`, { signedIn: false })).status).toBe(401)
  })

  it('refuses with a page that a person can read', async () => {
    const refused = await ask('GET', '/', { signedIn: false, headers: { accept: 'text/html' } })
    expect(refused).toMatchObject({ status: 401, headers: { 'content-type': 'text/html; charset=utf-8' } })
    expect(refused.text).toContain('address that Unseen printed')
  })

  it('refuses another page’s cookie', async () => {
    const [name] = cookie.split('=')
    const refused = await ask('GET', '/', { signedIn: false, headers: { cookie: `${name}=x; other=1` } })
    expect(refused.status).toBe(401)
  })

  it.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    'localhost.',
    '10.0.0.1',
    '[::2]',
    '127.0.0.1:80@evil',
  ])('refuses the Host of a rebound name: %s', async (name) => {
    const refused = await ask('GET', '/', { headers: { host: name } })
    expect(refused.status).toBe(403)
    expect(codeOf(refused)).toBe('web/host-refused')
  })

  it.each(['localhost', '127.0.0.1', '[::1]'])('lets an SSH tunnel end on any port: %s', async (name) => {
    const entered = await ask('GET', base.pathname + base.search, {
      signedIn: false,
      headers: { host: `${name}:9999` },
    })
    expect(entered.status).toBe(303)
    const own = entered.headers['set-cookie']![0].split(';')[0]
    expect(own).toContain('unseen-9999=')
    const made = await ask('POST', '/uploads', {
      signedIn: false,
      headers: { host: `${name}:9999`, origin: `http://${name}:9999`, cookie: own },
    })
    expect(made.status).toBe(201)
  })

  it.each(['http://127.0.0.1:1', 'http://localhost', 'https://evil.example', 'null'])(
    'refuses changes from another origin: %s',
    async (origin) => {
      const refused = await ask('POST', '/uploads', { headers: { origin } })
      expect(refused.status).toBe(403)
      expect(codeOf(refused)).toBe('web/origin-refused')
    },
  )

  it('sends strict headers with everything', async () => {
    for (const { headers } of [
      await ask('GET', '/'),
      await ask('GET', '/', { signedIn: false }),
      await ask('GET', '/host'),
    ]) {
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/)
      expect(headers['content-security-policy']).not.toContain('unsafe')
      // Pictures are shown from bytes.
      expect(headers['content-security-policy']).toContain("; img-src 'self' blob: data:;")
      expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
    }
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/../../secret.txt',
    '/%00',
    '//etc/passwd',
    '/\\..\\secret.txt',
  ])('serves nothing outside of the pages: %s', async (path) => {
    const answer = await ask('GET', path)
    expect(answer.text).not.toContain('secret\n')
    expect([400, 404]).toContain(answer.status)
  })

  it('keeps what is named after its content', async () => {
    expect((await ask('GET', '/assets/main-abc.js')).headers['cache-control']).toContain('immutable')
    expect((await ask('GET', '/')).headers['cache-control']).toBe('no-cache')
  })
})

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

describe('uploads', () => {
  const begin = async (): Promise<string> => (json(await ask('POST', '/uploads')) as { upload: string }).upload
  const put = (id: string, path: string, body: string | Buffer): Promise<Answer> =>
    ask('PUT', `/uploads/${id}/file?path=${encodeURIComponent(path)}`, { body })
  const grant = (id: string, name: string): Promise<Answer> =>
    ask('POST', `/uploads/${id}/grant`, { body: JSON.stringify({ name }) })
  const stored = async (id: string): Promise<string[]> =>
    (await readdir(join(folder, 'uploads', id), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)

  it('start in an empty folder', async () => {
    expect(await readdir(join(folder, 'uploads'))).not.toContain('left-by-a-crash')
  })

  it('become the folder that was dropped, and are gone with it', async () => {
    const id = await begin()
    expect((await put(id, 'CUB/res101.mat', 'one')).status).toBe(200)
    expect((await put(id, 'CUB/deep/é ü/x.npy', Buffer.from([1, 2, 3]))).status).toBe(200)
    expect((await put(id, 'CUB/res101.mat', 'two')).status).toBe(200)
    const granted = json(await grant(id, 'CUB')) as Grant
    expect(granted).toMatchObject({ kind: 'folder', name: 'CUB' })
    expect(granted.id).not.toContain(folder)
    const place = grants.resolve(granted.id)
    expect(await readFile(join(place, 'res101.mat'), 'utf8')).toBe('two')
    expect(await readFile(join(place, 'deep/é ü/x.npy'))).toEqual(Buffer.from([1, 2, 3]))
    expect(codeOf(await put(id, 'CUB/later', 'x'))).toBe('upload/closed')
    expect((await ask('DELETE', `/uploads/${id}`)).status).toBe(200)
    expect(await readdir(join(folder, 'uploads'))).not.toContain(id)
    expect(() => grants.resolve(granted.id)).toThrow()
  })

  it('are gone when nothing needs their grant any more', async () => {
    const id = await begin()
    await put(id, 'photo.jpg', 'x')
    grants.release((json(await grant(id, 'photo.jpg')) as Grant).id)
    await vi.waitFor(async () => expect(await readdir(join(folder, 'uploads'))).not.toContain(id))
    expect(codeOf(await put(id, 'photo.jpg', 'x'))).toBe('upload/unknown')
  })

  it('become the file, where there is only one', async () => {
    const id = await begin()
    await put(id, 'features.zip', 'x')
    expect(json(await grant(id, 'features.zip'))).toMatchObject({ kind: 'file', name: 'features.zip' })
  })

  it('of several things become a folder with the name of the drop', async () => {
    const id = await begin()
    await put(id, 'a.npy', 'a')
    await put(id, 'b.csv', 'b')
    const granted = json(await grant(id, 'dropped files')) as Grant
    expect(granted).toMatchObject({ kind: 'folder', name: 'dropped files' })
    expect((await readdir(grants.resolve(granted.id))).sort()).toEqual(['a.npy', 'b.csv'])
    const other = await begin()
    await put(other, 'a.npy', 'a')
    await put(other, 'b.csv', 'b')
    expect(grants.resolve((json(await grant(other, '../../evil')) as Grant).id)).toBe(
      join(folder, 'uploads', other, 'files'),
    )
  })

  it.each([
    '',
    '/etc/passwd',
    '../secret.txt',
    'a/../../secret.txt',
    'a/./b',
    'a//b',
    'a/',
    '..',
    'a\\..\\b',
    'a\0b',
    'a\nb',
    'x'.repeat(300),
    'a/'.repeat(40) + 'b',
  ])('refuse the hostile name %j and keep nothing', async (path) => {
    const id = await begin()
    const refused = await put(id, path, 'x')
    expect(refused.status).toBe(400)
    expect(codeOf(refused)).toBe('files/invalid-path')
    expect(await stored(id)).toEqual([])
    expect(await readFile(join(folder, 'secret.txt'), 'utf8')).toBe('secret')
  })

  it('refuse what Windows reserves, there', () => {
    for (const path of ['CON', 'nul.txt', 'a/COM1', 'a:b', 'dot.', 'blank ']) {
      expect(() => relativeSegments(path, 'win32')).toThrow()
      expect(relativeSegments(path, 'linux')).toEqual(path.split('/'))
    }
  })

  it('refuse a file where a folder is', async () => {
    const id = await begin()
    await put(id, 'a/b', 'x')
    expect(await put(id, 'a', 'x').then(codeOf)).toBe('upload/conflict')
    expect(await put(id, 'a/b/c', 'x').then(codeOf)).toBe('upload/conflict')
  })

  it('keep to the limit, all together, and give back what they release', async () => {
    const first = await begin()
    const second = await begin()
    expect((await put(first, 'a', Buffer.alloc(60_000))).status).toBe(200)
    const refused = await put(second, 'b', Buffer.alloc(60_000))
    expect(refused.status).toBe(413)
    expect(codeOf(refused)).toBe('upload/too-large')
    expect(await stored(second)).toEqual([])
    await ask('DELETE', `/uploads/${first}`)
    expect((await put(second, 'b', Buffer.alloc(60_000))).status).toBe(200)
    await ask('DELETE', `/uploads/${second}`)
  })

  /** A PUT that has sent half of what it announced, and whose first bytes have arrived. */
  async function halfway(id: string): Promise<ReturnType<typeof httpRequest>> {
    const headers = { host: base.host, cookie, origin: base.origin, 'content-length': '2000' }
    const options = { host: '127.0.0.1', port: base.port, method: 'PUT', path: `/uploads/${id}/file?path=big`, headers }
    const request = httpRequest(options)
    request.on('error', () => undefined)
    request.write(Buffer.alloc(1000))
    await expect.poll(() => stored(id)).toHaveLength(1)
    return request
  }

  it('that are broken off midway leave nothing', async () => {
    const id = await begin()
    const request = await halfway(id)
    request.destroy()
    await expect.poll(() => stored(id)).toEqual([])
    expect(codeOf(await grant(id, 'big'))).toBe('upload/empty')
  })

  it('can be removed while they arrive', async () => {
    const id = await begin()
    const request = await halfway(id)
    expect((await ask('DELETE', `/uploads/${id}`)).status).toBe(200)
    expect(await readdir(join(folder, 'uploads'))).not.toContain(id)
    request.destroy()
    expect(codeOf(await put(id, 'x', 'x'))).toBe('upload/unknown')
  })

  it('that fail unexpectedly tell no path: that is in the log', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const id = await begin()
    await rm(join(folder, 'uploads', id, 'incoming'), { recursive: true })
    const failed = await put(id, 'a.npy', 'a')
    expect(failed.status).toBe(500)
    expect(json(failed)).toMatchObject({ message: 'Something unexpected happened in Unseen (ENOENT).' })
    expect(failed.text).not.toContain(folder)
    expect(String(log.mock.lastCall?.[0])).toContain(join(folder, 'uploads', id))
    log.mockRestore()
  })

  it('refuse a body that is no request', async () => {
    const id = await begin()
    expect(codeOf(await ask('POST', `/uploads/${id}/grant`, { body: '{' }))).toBe('web/invalid-request')
    expect(codeOf(await ask('POST', `/uploads/${id}/grant`, { body: '{"name":1}' }))).toBe('web/invalid-request')
    expect(codeOf(await ask('POST', `/uploads/${id}/grant`, { body: ' '.repeat(70_000) }))).toBe(
      'web/request-too-large',
    )
  })
})

describe('the folder picker', () => {
  const list = (path: string): Promise<Answer> => ask('GET', `/folders?path=${encodeURIComponent(path)}`)

  it('is announced', async () => {
    expect(json(await ask('GET', '/host'))).toEqual({ kind: 'web', folderPicker: true })
  })

  it('lists what lies inside, in a person’s order, without the links that lead out', async () => {
    const top = { path: '', parent: null, folders: ['inwards', 'sub'], files: ['file 9.csv', 'file 10.csv'] }
    expect(json(await list(''))).toEqual(top)
    expect(json(await list('sub'))).toEqual({ path: 'sub', parent: '', folders: [], files: ['inner.mat'] })
  })

  it('grants a folder', async () => {
    const granted = json(await ask('POST', '/folders/grant', { body: JSON.stringify({ path: 'sub' }) })) as Grant
    expect(granted).toMatchObject({ name: 'sub', kind: 'folder' })
    expect(grants.resolve(granted.id)).toBe(join(folder, 'root/sub'))
  })

  it.each(['..', '../secret.txt', 'sub/../..', '/', 'outwards', 'outwards/secret.txt', 'nowhere', 'sub/\0'])(
    'neither lists nor grants %j',
    async (path) => {
      expect([400, 404]).toContain((await list(path)).status)
      const refused = await ask('POST', '/folders/grant', { body: JSON.stringify({ path }) })
      expect([400, 404]).toContain(refused.status)
    },
  )
})

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
    await Promise.race([other.close(), wait(5000).then(() => expect.unreachable('it does not end'))])
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
    await Promise.race([other.close(), wait(5000).then(() => expect.unreachable('it does not end'))])
    expect(await closed).toBe(1001)
    await expect(readdir(uploads)).rejects.toThrow()
  })
})
