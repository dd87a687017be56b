import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../contract/index.ts'
import { contentTypeOf, listPages } from '../node/bundled-pages.ts'

/** Serves a page's file, or throws `web/not-found`. */
export type Pages = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void>

/** The bundled pages, listed once. Throws `web/pages-missing` for a folder without an index.html. */
export async function loadPages(folder: string): Promise<Pages> {
  const files = await listPages(folder).catch(() => new Map<string, string>())
  if (!files.has('/')) {
    throw new AppError('web/pages-missing', 'The pages of the application have not been built.', {
      next: 'Run `npm run build`, then start again.',
    })
  }

  return async (path, request, response) => {
    const file = files.get(path)
    if (file === undefined)
      throw new AppError('web/not-found', 'There is no such page.', { next: 'Open the address’s first page.' })
    const { size } = await stat(file)
    response.writeHead(200, {
      'content-type': contentTypeOf(file),
      'content-length': size,
      // The bundler names what lies in assets/ after its content.
      'cache-control': path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-cache',
    })
    if (request.method === 'HEAD') response.end()
    else await pipeline(createReadStream(file), response)
  }
}
