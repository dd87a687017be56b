import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError, type Grant } from '../../contract/index.ts'
import type { Grants } from '../../core/grants.ts'
import { relativeSegments } from './relative-path.ts'

interface Upload {
  /** Paths stored so far, as segments joined by '/'. */
  readonly paths: Set<string>
  /** Bytes stored or being received. */
  bytes: number
  readonly receiving: Map<Promise<void>, AbortController>
  grant: Grant | null
}

export interface Uploads {
  begin(): Promise<string>
  /** Streams one file to the disk, whole or not at all; the same path again replaces it. */
  put(id: string, path: string, body: Readable): Promise<void>
  /** Ends the upload: the only file, or the folder that all of them lie in. `name` is what the person dropped. */
  grant(id: string, name: string): Promise<Grant>
  remove(id: string): Promise<void>
  close(): Promise<void>
}

/**
 * Files that a browser sends, which cannot give paths: each upload is a folder of its own below `folder`, which belongs
 * to this store alone (what an earlier process left there is removed). `limit`: bytes of all uploads together.
 */
export async function openUploads(folder: string, grants: Grants, limit: number): Promise<Uploads> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const uploads = new Map<string, Upload>()
  let total = 0
  let serial = 0

  function find(id: string): Upload {
    const upload = uploads.get(id)
    if (upload) return upload
    throw removed()
  }

  function open(id: string): Upload {
    const upload = find(id)
    if (!upload.grant) return upload
    throw new AppError('upload/closed', 'This upload has already been handed over.', { next: 'Start another one.' })
  }

  /** Counts what passes against the limit; what was counted stays with the upload until it is removed. */
  const meter = (counted: (bytes: number) => void): Transform =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (total + chunk.length > limit) {
          done(
            new AppError('upload/too-large', `More than ${gigabytes(limit)} would have to be kept here.`, {
              next: 'Copy the folder to the machine that runs Unseen and choose it there.',
            }),
          )
          return
        }
        counted(chunk.length)
        done(null, chunk)
      },
    })

  async function receive(id: string, upload: Upload, path: string, body: Readable, signal: AbortSignal): Promise<void> {
    const segments = relativeSegments(path)
    const incoming = join(folder, id, 'incoming', String(serial++))
    let received = 0
    const count = (bytes: number): void => {
      received += bytes
      upload.bytes += bytes
      total += bytes
    }
    try {
      await pipeline(body, meter(count), createWriteStream(incoming, { flags: 'wx' }), { signal })
      const target = join(folder, id, 'files', ...segments)
      await mkdir(dirname(target), { recursive: true })
      await rename(incoming, target)
      upload.paths.add(segments.join('/'))
    } catch (error) {
      await rm(incoming, { force: true })
      count(-received)
      throw readable(error)
    }
  }

  async function remove(id: string): Promise<void> {
    const upload = uploads.get(id)
    if (!upload) return
    uploads.delete(id)
    for (const controller of upload.receiving.values()) controller.abort()
    await Promise.allSettled(upload.receiving.keys())
    if (upload.grant) grants.release(upload.grant.id)
    total -= upload.bytes
    await rm(join(folder, id), { recursive: true, force: true })
  }

  return {
    remove,
    async begin() {
      const id = randomBytes(16).toString('hex')
      await mkdir(join(folder, id, 'files'), { recursive: true })
      await mkdir(join(folder, id, 'incoming'))
      uploads.set(id, { paths: new Set(), bytes: 0, receiving: new Map(), grant: null })
      return id
    },
    async put(id, path, body) {
      const upload = open(id)
      const controller = new AbortController()
      const received = receive(id, upload, path, body, controller.signal)
      upload.receiving.set(received, controller)
      try {
        await received
      } finally {
        upload.receiving.delete(received)
      }
    },
    async grant(id, name) {
      const upload = open(id)
      await Promise.allSettled(upload.receiving.keys())
      if (upload.paths.size === 0)
        throw new AppError('upload/empty', 'No file has arrived.', { next: 'Drop a folder with files.' })
      const tops = new Set([...upload.paths].map((path) => path.split('/')[0]))
      const [only] = tops
      let target = join(folder, id, 'files')
      if (tops.size === 1) target = join(target, only)
      else target = await renamed(target, name)
      const grant = { ...(await grants.add(target, () => void remove(id))), name }
      upload.grant = grant
      return grant
    },
    async close() {
      await Promise.all([...uploads.keys()].map(remove))
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Several dropped things have no folder of their own; the one they lie in gets the drop's name, where that can be one. */
async function renamed(folder: string, name: string): Promise<string> {
  try {
    const [segment, ...more] = relativeSegments(name)
    if (more.length > 0 || segment === 'incoming') return folder
    const target = join(dirname(folder), segment)
    await rename(folder, target)
    return target
  } catch {
    return folder
  }
}

function removed(): AppError {
  return new AppError('upload/unknown', 'These files are no longer here.', { next: 'Drop them again.' })
}

function readable(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ABORT_ERR') return removed()
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('upload/disk-full', 'The disk of the machine that runs Unseen is full.', {
      next: 'Make room there, then drop the files again. Nothing of this file was kept.',
    })
  }
  if (code === 'ENOTDIR' || code === 'EISDIR' || code === 'EEXIST' || code === 'ENOTEMPTY') {
    return new AppError('upload/conflict', 'The same name was sent as a file and as a folder.', {
      next: 'Drop one of the two.',
    })
  }
  return error
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toLocaleString('en', { maximumSignificantDigits: 3 })} GB`
