import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici'
import { AppError } from '../../../contract/index.ts'
import {
  insecureRedirect,
  notFound,
  notTrusted,
  offline,
  proxyRefused,
  refused,
  stalled,
  tooManyRedirects,
} from './failures.ts'

export interface ConnectionOptions {
  readonly signal: AbortSignal
  /** Without a byte for so long, the connection is given up. */
  readonly stallSeconds: number
  /** Also http:, on this computer alone: for tests. */
  readonly loopback: boolean
}

export interface Answer {
  readonly host: string
  readonly status: number
  readonly header: (name: string) => string | undefined
  /** What comes; to be read once, to its end or not. Throws `BrokenOff` where the connection ends before it does. */
  readonly body: AsyncIterable<Uint8Array>
}

/** A body that ended before its end. */
export class BrokenOff extends Error {}

/** As browsers do, or nearly: they follow twenty. */
const mostRedirects = 10

/**
 * Asks for `url`, follows redirects to where encryption holds, and hands the answer to `use`. The proxy is that of the
 * environment (HTTPS_PROXY, NO_PROXY). Only 200, 206 and 416 come through; failures before the body come as AppErrors.
 */
export async function withAnswer<T>(
  url: string,
  headers: Readonly<Record<string, string>>,
  { signal, stallSeconds, loopback }: ConnectionOptions,
  use: (answer: Answer) => Promise<T>,
): Promise<T> {
  const watch = watchdog(stallSeconds)
  const either = AbortSignal.any([signal, watch.signal])
  const dispatcher = proxyAgent(url)
  let at = new URL(url)
  try {
    for (let redirects = 0; redirects <= mostRedirects; redirects++) {
      if (at.protocol !== 'https:' && !(loopback && isLoopback(at))) throw insecureRedirect(at.hostname, url)
      const { statusCode, headers: got, body } = await request(at, { headers, dispatcher, signal: either })
      watch.alive()
      const header = (name: string) => [got[name]].flat()[0]
      const location = header('location')
      if (statusCode >= 300 && statusCode < 400 && location !== undefined) {
        await body.dump()
        at = new URL(location, at)
        continue
      }
      if (statusCode === 404 || statusCode === 410) throw notFound(at.hostname, url)
      if (![200, 206, 416].includes(statusCode)) throw refused(at.hostname, statusCode, url)
      return await use({ host: at.hostname, status: statusCode, header, body: watch.over(body) })
    }
    throw tooManyRedirects(at.hostname, url)
  } catch (thrown) {
    signal.throwIfAborted()
    if (watch.signal.aborted) throw stalled(at.hostname, stallSeconds)
    throw failure(thrown, at.hostname, url)
  } finally {
    watch.stop()
    // What is left of a body that was not read to its end goes with its connection.
    await dispatcher.destroy()
  }
}

function proxyAgent(url: string): Dispatcher {
  try {
    return new EnvHttpProxyAgent()
  } catch (cause) {
    throw proxyRefused(url, cause)
  }
}

const isLoopback = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)

/** Aborts its signal where nothing has happened for `seconds`. */
function watchdog(seconds: number) {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), seconds * 1000)
  return {
    signal: controller.signal,
    alive: () => timer.refresh(),
    stop: () => clearTimeout(timer),
    over: async function* (body: AsyncIterable<Uint8Array>) {
      try {
        for await (const piece of body) {
          timer.refresh()
          yield piece
        }
      } catch (cause) {
        throw new BrokenOff('The connection ended.', { cause })
      }
    },
  }
}

/** What a connection that failed comes to. Anything that is not of the connection stays as it is. */
function failure(thrown: unknown, host: string, url: string): unknown {
  if (thrown instanceof AppError || !(thrown instanceof Error)) return thrown
  const code = codeOf(thrown)
  if (thrown.message.startsWith('Proxy response')) return proxyRefused(url, thrown)
  if (/CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ALTNAME/.test(code)) return notTrusted(host, url, thrown)
  if (/^(?:UND_ERR|HPE)_|^E(?:NOTFOUND|AI_AGAIN|CONN|HOST|NET|PIPE|TIMEDOUT|PROTO)/.test(code))
    return offline(host, url, thrown)
  return thrown
}

/** That of the first cause that has one: several addresses of a host fail as one error without a code. */
function codeOf(error: Error): string {
  if ('code' in error && typeof error.code === 'string') return error.code
  const inner = error instanceof AggregateError ? (error.errors as unknown[])[0] : error.cause
  return inner instanceof Error ? codeOf(inner) : ''
}
