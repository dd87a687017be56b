import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Backend, WireError } from '../../src-main/contract/index.ts'
import { createGrants, type Grants } from '../../src-main/core/grants.ts'
import { startWebHost } from '../../src-main/hosts/web/web-host.ts'

/** What the host is asked about is its door, not what lies behind it: next to no backend is enough. */
export const backend = {
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

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}
interface Asking {
  readonly signedIn?: boolean
  readonly headers?: Record<string, string>
  readonly body?: string | Buffer
}

export const json = (answer: Answer): unknown => JSON.parse(answer.text)
export const codeOf = (answer: Answer): string => (json(answer) as WireError).code

/** What lies beside all that the host may serve. */
export const secret = 'open sesame'

/** A web host, and a page that is signed in to it. */
export interface OpenedHost {
  /** With pages/, root/ for the folder picker, uploads/ and secret.txt. */
  readonly folder: string
  readonly grants: Grants
  /** With the token. */
  readonly base: URL
  readonly cookie: string
  /** A request as written: neither the path nor the Host is tidied up, as `fetch` would. */
  readonly ask: (method: string, path: string, asking?: Asking) => Promise<Answer>
  /** One whose body is still to be written. */
  readonly request: (method: string, path: string, headers: Record<string, string>) => ClientRequest
  readonly close: () => Promise<void>
}

export async function openWebHost(): Promise<OpenedHost> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'unseen-web-')))
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await write('secret.txt', secret)
  await write('pages/index.html', '<title>Unseen</title>')
  await write('pages/assets/main-abc.js', 'void 0')
  await write('root/sub/inner.mat', 'x')
  await write('root/file 10.csv', 'x')
  await write('root/file 9.csv', 'x')
  await write('uploads/left-by-a-crash/file', 'x')
  await symlink(folder, join(folder, 'root/outwards'))
  await symlink(join(folder, 'root/sub'), join(folder, 'root/inwards'))
  const grants = createGrants()
  const host = await startWebHost({
    backend,
    grants,
    pages: join(folder, 'pages'),
    uploads: join(folder, 'uploads'),
    uploadLimit: 100_000,
    root: join(folder, 'root'),
  })
  const base = new URL(host.url)
  let cookie = ''

  function request(method: string, path: string, headers: Record<string, string>): ClientRequest {
    return httpRequest({ host: '127.0.0.1', port: base.port, method, path, headers: { host: base.host, ...headers } })
  }

  function ask(method: string, path: string, { signedIn = true, headers = {}, body }: Asking = {}): Promise<Answer> {
    const own = method === 'GET' ? {} : { origin: base.origin }
    return new Promise((resolve, reject) => {
      request(method, path, { ...(signedIn ? { cookie } : {}), ...own, ...headers })
        .on('response', (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
          response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
        })
        .on('error', reject)
        .end(body)
    })
  }

  const entered = await ask('GET', base.pathname + base.search, { signedIn: false })
  expect(entered.status).toBe(303)
  cookie = entered.headers['set-cookie']![0].split(';')[0]!
  return {
    ...{ folder, grants, base, cookie, ask, request },
    async close() {
      await host.close()
      await rm(folder, { recursive: true })
    },
  }
}
