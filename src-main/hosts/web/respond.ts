import type { IncomingMessage, ServerResponse } from 'node:http'
import { AppError, toWireError } from '../../contract/index.ts'
import { contentSecurityPolicy } from '../node/bundled-pages.ts'
import { loggedWireError } from '../node/wire-error.ts'

/** On every answer: the pages load nothing from elsewhere, nobody frames or reads them, and their address tells nobody anything. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

const statuses: Readonly<Record<string, number>> = {
  'web/not-signed-in': 401,
  'web/host-refused': 403,
  'web/origin-refused': 403,
  'web/not-found': 404,
  'web/request-too-large': 413,
  'upload/unknown': 404,
  'upload/closed': 409,
  'upload/conflict': 409,
  'upload/too-large': 413,
  'upload/disk-full': 507,
  'folders/unknown': 404,
  'internal/unexpected': 500,
}

export const statusOf = (thrown: unknown): number => statuses[toWireError(thrown).code] ?? 400

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': body.length,
    'cache-control': 'no-store',
  })
  response.end(body)
}

/** The refusal in wire form, or as a readable page where a person is looking. */
export function sendError(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  // A page that has gone is answered nothing, and what broke off with it is no fault.
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const error = loggedWireError(thrown)
  const status = statusOf(thrown)
  // An upload that is refused midway must be read to be answered, but not for ever.
  if (!request.complete) {
    request.resume()
    const impatience = setTimeout(() => request.destroy(), 5000).unref()
    request.once('close', () => clearTimeout(impatience))
  }
  if (!request.headers.accept?.includes('text/html')) {
    sendJson(response, status, error)
    return
  }
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
  // The link matters: a strict cookie is not sent along when another site's link led here, but it is from this page.
  response.end(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Unseen</title>
<h1>${escape(error.message)}</h1><p>${escape(error.next ?? '')}</p><p><a href="/">Try again</a></p></html>`)
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)

const longestJson = 64 * 1024 // bytes; every request of the pages is far shorter

/** A request's body as JSON. Throws `web/request-too-large` and `web/invalid-request`. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > longestJson) throw new AppError('web/request-too-large', 'The request is too long.')
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch {
    throw new AppError('web/invalid-request', 'The request is not JSON.')
  }
}
