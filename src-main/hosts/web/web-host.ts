import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { AppError, type Backend } from '../../contract/index.ts'
import type { Grants } from '../../core/grants.ts'
import { Access } from './access.ts'
import { folderPicker } from './folders.ts'
import { loadPages } from './pages.ts'
import { readJson, securityHeaders, sendError, sendJson, statusOf } from './respond.ts'
import { serveSockets } from './socket.ts'
import { openUploads } from './uploads.ts'

export interface WebHostOptions {
  readonly backend: Backend
  readonly grants: Grants
  /** Folder of the bundled pages. */
  readonly pages: string
  /** Folder for uploads, which belongs to this host alone; emptied at start and at the end. */
  readonly uploads: string
  /** Bytes that uploads may take on the disk, all together. */
  readonly uploadLimit?: number
  /** 0 or absent: any free one. */
  readonly port?: number
  /** Folder that the folder picker shows; absent: there is no picker. */
  readonly root?: string
}

export interface WebHost {
  /** With the token in it: whoever has this address is in. */
  readonly url: string
  close(): Promise<void>
}

interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** What the route's pattern captured. */
  readonly match: readonly string[]
}
type Route = readonly [method: string, path: RegExp, answer: (exchange: Exchange) => Promise<void> | void]

const granting = z.object({ name: z.string().trim().min(1).max(255) })
const choosing = z.object({ path: z.string().max(4096) })

/**
 * The application in a browser, on this machine's loopback address only. Throws `web/port-taken`, `web/pages-missing`,
 * `folders/no-root`. The caller closes the backend.
 */
export async function startWebHost(options: WebHostOptions): Promise<WebHost> {
  const { backend, grants } = options
  const access = new Access()
  const pages = await loadPages(options.pages)
  const picker = options.root === undefined ? null : await folderPicker(options.root)
  const uploads = await openUploads(options.uploads, grants, options.uploadLimit ?? 200e9)

  const pickerRoutes: Route[] = picker
    ? [
        [
          'GET',
          /^\/folders$/,
          async ({ response, url }) => sendJson(response, 200, await picker.list(url.searchParams.get('path') ?? '')),
        ],
        [
          'POST',
          /^\/folders\/grant$/,
          async ({ request, response }) => {
            const { path } = checked(choosing, await readJson(request))
            sendJson(response, 200, await grants.add(await picker.locate(path)))
          },
        ],
      ]
    : []

  const routes: Route[] = [
    ['GET', /^\/host$/, ({ response }) => sendJson(response, 200, { kind: 'web', folderPicker: picker !== null })],
    ['POST', /^\/uploads$/, async ({ response }) => sendJson(response, 201, { upload: await uploads.begin() })],
    [
      'PUT',
      /^\/uploads\/([^/]+)\/file$/,
      async ({ request, response, url, match }) => {
        await uploads.put(match[1], url.searchParams.get('path') ?? '', request)
        sendJson(response, 200, {})
      },
    ],
    [
      'POST',
      /^\/uploads\/([^/]+)\/grant$/,
      async ({ request, response, match }) => {
        const { name } = checked(granting, await readJson(request))
        sendJson(response, 200, await uploads.grant(match[1], name))
      },
    ],
    [
      'DELETE',
      /^\/uploads\/([^/]+)$/,
      async ({ response, match }) => {
        await uploads.remove(match[1])
        sendJson(response, 200, {})
      },
    ],
    ...pickerRoutes,
    ['GET', /^\//, async ({ request, response, url }) => pages(url.pathname, request, response)],
    ['HEAD', /^\//, async ({ request, response, url }) => pages(url.pathname, request, response)],
  ]

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    access.checkAddress(request)
    const url = parsed(request)
    const token = request.method === 'GET' && url.pathname === '/' ? url.searchParams.get('token') : null
    if (token !== null && access.opens(token)) {
      response.writeHead(303, { 'set-cookie': access.cookie(request), location: '/', 'cache-control': 'no-store' })
      response.end()
      return
    }
    if (!access.isSignedIn(request)) throw notSignedIn()
    for (const [method, path, run] of routes) {
      const match = method === request.method ? path.exec(url.pathname) : null
      if (match) return run({ request, response, url, match })
    }
    throw new AppError('web/not-found', 'There is nothing at this address.')
  }

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    answer(request, response).catch((error: unknown) => sendError(request, response, error))
  })
  server.requestTimeout = 0 // a folder of gigabytes may take its time over a tunnel, as long as something arrives
  server.timeout = 120_000 // ms without a byte

  const sockets = serveSockets(server, backend, (request, socket) => {
    try {
      access.checkAddress(request)
      if (!access.isSignedIn(request)) throw notSignedIn()
      if (parsed(request).pathname === '/socket') return true
      throw new AppError('web/not-found', 'There is nothing at this address.')
    } catch (error) {
      // One that its other end keeps half-open would keep the host from closing.
      socket.once('finish', () => socket.destroy())
      socket.end(`HTTP/1.1 ${statusOf(error)} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
      return false
    }
  })

  const port = await listen(server, options.port ?? 0)
  return {
    url: `http://127.0.0.1:${port}/?token=${access.token}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      sockets.close()
      server.closeAllConnections()
      await uploads.close()
      await closed
    },
  }
}

function notSignedIn(): AppError {
  return new AppError('web/not-signed-in', 'This page needs the address that Unseen printed when it started.', {
    next: 'Copy the whole address, with its token, from the window where Unseen runs.',
  })
}

/** Only path and query matter; the host has been checked apart. */
function parsed(request: IncomingMessage): URL {
  try {
    return new URL(`http://localhost${request.url ?? '/'}`)
  } catch (cause) {
    throw new AppError('web/invalid-request', 'The address cannot be read.', { cause })
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new AppError('web/invalid-request', 'The request is not understood.')
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EADDRINUSE' && cause.code !== 'EACCES') reject(cause)
      else
        reject(
          new AppError('web/port-taken', `Port ${port} cannot be used: another program has it, or it is reserved.`, {
            next: 'Choose another one with --port, or leave it out.',
            cause,
          }),
        )
    })
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}
