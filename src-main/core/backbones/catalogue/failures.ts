import { AppError, grouped } from '../../../contract/index.ts'

/** Failures of a download. Each says what is left of it, and what to do. */

const goesOn = 'Start it again: it goes on from where it was.'

/** The way around every failure of a network. */
const dropInstead = (url: string): string => `You can also fetch the file elsewhere (${url}) and drop it here.`

const megabytes = (bytes: number): string => `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`

export function unverified(name: string): AppError {
  return new AppError('download/unverified', `For “${name}” no address with a checksum is known.`, {
    next: 'Fetch the .onnx file from its publisher and drop it here.',
  })
}

export function offline(host: string, url: string, cause: unknown): AppError {
  return new AppError(
    'download/offline',
    `${host} cannot be reached: there is no connection, or something blocks it.`,
    {
      next: `Check the connection (a proxy is taken from the variable HTTPS_PROXY). ${dropInstead(url)}`,
      cause,
    },
  )
}

export function proxyRefused(url: string, cause: unknown): AppError {
  return new AppError('download/proxy-refused', 'The proxy of this network did not let the download through.', {
    next: `Check the variable HTTPS_PROXY (http://name:password@host:port). ${dropInstead(url)}`,
    cause,
  })
}

export function notTrusted(host: string, url: string, cause: unknown): AppError {
  return new AppError(
    'download/not-trusted',
    `${host} did not prove that it is itself: its certificate is not trusted.`,
    {
      next: `Where a company’s proxy reads along, give its certificate in the variable NODE_EXTRA_CA_CERTS. ${dropInstead(url)}`,
      cause,
    },
  )
}

export function stalled(host: string, seconds: number): AppError {
  return new AppError('download/stalled', `Nothing has come from ${host} for ${seconds} seconds.`, { next: goesOn })
}

export function truncated(host: string, done: number, total: number, cause?: unknown): AppError {
  return new AppError(
    'download/truncated',
    `The connection to ${host} ended after ${megabytes(done)} of ${megabytes(total)}.`,
    { next: goesOn, cause },
  )
}

export function notFound(host: string, url: string): AppError {
  return new AppError('download/not-found', `${host} does not have the file any more.`, {
    next: `It may have moved. ${dropInstead(url)}`,
  })
}

export function refused(host: string, status: number, url: string): AppError {
  return new AppError('download/refused', `${host} did not give the file: it answered with status ${status}.`, {
    next: `Try again later. ${dropInstead(url)}`,
    details: { status },
  })
}

export function tooManyRedirects(host: string, url: string): AppError {
  return new AppError('download/too-many-redirects', `${host} sends from one address to the next without end.`, {
    next: `Try again later. ${dropInstead(url)}`,
  })
}

export function insecureRedirect(host: string, url: string): AppError {
  return new AppError('download/insecure-redirect', `The download was sent on to ${host} without encryption.`, {
    next: `Something between this computer and the publisher may be changing what comes. ${dropInstead(url)}`,
  })
}

export function wrongLength(host: string, got: number, recorded: number): AppError {
  return new AppError(
    'download/wrong-length',
    `What ${host} gives is not the file that its publisher records: ${grouped(got)} bytes rather than ${grouped(recorded)}.`,
    { next: 'Nothing of it was kept. Try again later; if it stays so, drop a file that you trust.' },
  )
}

export function wrongChecksum(host: string): AppError {
  return new AppError(
    'download/wrong-checksum',
    `What came from ${host} is not the file that its publisher records: the checksum differs.`,
    { next: 'It was thrown away. Try again; if it stays so, drop a file that you trust.' },
  )
}
