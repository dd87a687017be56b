import { AppError, fromWireError, grantSchema, wireErrorSchema, type Grant } from '../../src-main/contract/index.ts'
import type { PickedFile, UploadProgress } from './connection.ts'

/** The refusal that a host answered with, or a sentence about the connection. */
function refusal(status: number, body: unknown): AppError {
  const parsed = wireErrorSchema.safeParse(body)
  if (parsed.success) return fromWireError(parsed.data)
  return new AppError('upload/failed', `The files could not be sent (the server answered ${status || 'nothing'}).`, {
    next: 'Check that Unseen is still running, then drop them again.',
  })
}

export async function request(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const answer: unknown = await response.json().catch(() => null)
  if (!response.ok) throw refusal(response.status, answer)
  return answer
}

/** XMLHttpRequest, because fetch does not tell how much of a body has gone. */
function put(path: string, file: File, sent: (bytes: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const transfer = new XMLHttpRequest()
    const abort = (): void => transfer.abort()
    transfer.upload.addEventListener('progress', ({ loaded }) => sent(loaded))
    transfer.addEventListener('abort', () => reject(cancelled()))
    transfer.addEventListener('error', () => reject(refusal(0, null)))
    transfer.addEventListener('load', () => {
      if (transfer.status >= 200 && transfer.status < 300) {
        resolve()
        return
      }
      let answer: unknown = null
      try {
        answer = JSON.parse(transfer.responseText)
      } catch {
        // Not one of the host's own refusals; the status says enough.
      }
      reject(refusal(transfer.status, answer))
    })
    transfer.addEventListener('loadend', () => signal.removeEventListener('abort', abort))
    signal.addEventListener('abort', abort)
    transfer.open('PUT', path)
    transfer.setRequestHeader('content-type', 'application/octet-stream')
    transfer.send(file)
  })
}

const cancelled = (): AppError => new AppError('upload/cancelled', 'Sending the files was cancelled.')

/** Where the copies lie that grants stand for, by the grant's id. */
const places = new Map<string, string>()

/** Removes the copies that the web host keeps for these grants. */
export function releaseUploads(grants: readonly Grant[]): void {
  for (const { id } of grants) {
    const place = places.get(id)
    places.delete(id)
    // If it fails, the host removes it when it ends.
    if (place) void request('DELETE', place).catch(() => undefined)
  }
}

/** Sends files to the web host, one after the other, and gets one grant for all of them. Cancelled or failed, nothing stays there. */
export async function uploadFiles(
  files: readonly PickedFile[],
  progress: (upload: UploadProgress) => void,
  signal: AbortSignal,
): Promise<Grant[]> {
  const total = files.reduce((sum, { file }) => sum + file.size, 0)
  const { upload } = (await request('POST', '/uploads')) as { upload: string }
  const place = `/uploads/${encodeURIComponent(upload)}`
  try {
    let done = 0
    for (const { file, path } of files) {
      if (signal.aborted) throw cancelled()
      const report = (sent: number): void => progress({ sent: done + sent, total, file: path })
      report(0)
      await put(`${place}/file?path=${encodeURIComponent(path)}`, file, report, signal)
      done += file.size
    }
    const grant = grantSchema.parse(await request('POST', `${place}/grant`, { name: commonName(files) }))
    places.set(grant.id, place)
    return [grant]
  } catch (error) {
    await request('DELETE', place).catch(() => undefined)
    throw error
  }
}

/** The folder that all of them lie in, or the only file's name: what a person would call the drop. */
export function commonName(files: readonly PickedFile[]): string {
  const tops = new Set(files.map(({ path }) => path.split('/')[0]))
  return tops.size === 1 ? [...tops][0] : 'Dropped files'
}
