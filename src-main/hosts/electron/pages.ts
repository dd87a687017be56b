import { readFile } from 'node:fs/promises'
import type { CustomScheme, Protocol } from 'electron'
import { contentSecurityPolicy, contentTypeOf, listPages } from '../node/bundled-pages.ts'

const scheme = 'app'
const host = 'unseen'
export const firstPage = `${scheme}://${host}/`

/** Must be registered before the application is ready. */
export const pageScheme: CustomScheme = {
  scheme,
  // `standard` gives the pages an origin, so that 'self' and relative addresses mean what they say.
  privileges: { standard: true, secure: true, supportFetchAPI: true },
}

/** Whether an address belongs to our pages. (URL.origin does not tell: it is "null" for a scheme of one's own.) */
export function isOurPage(address: string): boolean {
  const url = URL.parse(address)
  return url?.protocol === `${scheme}:` && url.host === host
}

/** Serves the bundled pages, and nothing else of the disk, at `app://unseen/`. */
export async function servePages(protocol: Protocol, folder: string): Promise<void> {
  const files = await listPages(folder)
  protocol.handle(scheme, async (request) => {
    const file = isOurPage(request.url) ? files.get(new URL(request.url).pathname) : undefined
    if (file === undefined || request.method !== 'GET') return new Response('Not found', { status: 404 })
    return new Response(await readFile(file), {
      headers: {
        'content-type': contentTypeOf(file),
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      },
    })
  })
}
