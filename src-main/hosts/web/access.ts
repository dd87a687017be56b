import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AppError } from '../../contract/index.ts'

/** A name of this machine for itself, with any port: an SSH tunnel may end on another one. */
const loopbackHost = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::(\d{1,5}))?$/i

/**
 * Who may talk to the web host: whoever once opened the printed address, from a page of this very host.
 * The token opens the door and the cookie keeps it open; the two are different secrets, so that neither gives the other away.
 */
export class Access {
  readonly token = secret()
  readonly #session = secret()

  /** Refuses a Host that is no loopback name (DNS rebinding), and writes and upgrades whose Origin is another page's. */
  checkAddress(request: IncomingMessage): void {
    const host = request.headers.host ?? ''
    if (!loopbackHost.test(host)) {
      throw new AppError('web/host-refused', 'This address is not one of this machine’s own names.', {
        next: 'Open the address that Unseen printed; to reach another machine, forward its port over SSH.',
      })
    }
    const mayChange = (request.method !== 'GET' && request.method !== 'HEAD') || request.headers.upgrade !== undefined
    if (mayChange && request.headers.origin?.toLowerCase() !== `http://${host.toLowerCase()}`) {
      throw new AppError('web/origin-refused', 'The request came from another page than Unseen’s own.', {
        next: 'Open the address that Unseen printed.',
      })
    }
  }

  opens(token: string): boolean {
    return same(token, this.token)
  }

  isSignedIn(request: IncomingMessage): boolean {
    const prefix = `${cookieName(request)}=`
    const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim())
    return pairs.some((pair) => pair.startsWith(prefix) && same(pair.slice(prefix.length), this.#session))
  }

  cookie(request: IncomingMessage): string {
    return `${cookieName(request)}=${this.#session}; HttpOnly; SameSite=Strict; Path=/`
  }
}

/** Cookies ignore ports. With the port that the browser sees in the name, two hosts or tunnels do not sign each other out. */
const cookieName = (request: IncomingMessage): string =>
  `unseen-${loopbackHost.exec(request.headers.host ?? '')?.[1] ?? '80'}`

const secret = (): string => randomBytes(32).toString('base64url')

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** In constant time, whatever the lengths. */
const same = (given: string, expected: string): boolean => timingSafeEqual(digest(given), digest(expected))
