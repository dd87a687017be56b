import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../contract/index.ts'

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Serves a page's file, or throws `web/not-found`. */
export type Pages = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * The bundled pages. The folder is listed once and only what was listed is ever opened: a request's path is a key, never
 * a place on the disk, so no spelling of it leads outside. Throws `web/pages-missing` for a folder without an index.html.
 */
export async function loadPages(folder: string): Promise<Pages> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = new Map<string, string>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    files.set(`/${relative(folder, file).split(sep).join('/')}`, file)
  }
  const index = files.get('/index.html')
  if (index === undefined) {
    throw new AppError('web/pages-missing', 'The pages of the application have not been built.', {
      next: 'Run `npm run build`, then start again.',
    })
  }
  files.set('/', index)

  return async (path, request, response) => {
    const file = files.get(path)
    if (file === undefined)
      throw new AppError('web/not-found', 'There is no such page.', { next: 'Open the address’s first page.' })
    const { size } = await stat(file)
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-length': size,
      // The bundler names what lies in assets/ after its content.
      'cache-control': path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
    })
    if (request.method === 'HEAD') response.end()
    else await pipeline(createReadStream(file), response)
  }
}
