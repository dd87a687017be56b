import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { EditHistory } from '../../../contract/index.ts'
import { syncFolder } from '../../workspace/index.ts'
import { stateFiles, type StateFile } from './files.ts'
import { writeSynced } from './journal.ts'

// `history.json`: the versions of the small files, oldest first, and which of them is in place; `history/`: their
// content, each under its SHA-256, so that what two versions share is kept once.

/** Steps back that are kept, while all versions together take no more than this. */
const mostSteps = 100
const mostBytes = 256 * 2 ** 20

const versionSchema = z.object({
  /** What led here from the version before, in a few words. */
  text: z.string(),
  files: z.record(z.enum(stateFiles), z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int() })),
})
const historySchema = z.object({ versions: z.array(versionSchema), at: z.int().min(0) })
export type Version = z.infer<typeof versionSchema>
export type History = z.infer<typeof historySchema>

export const historyFile = 'history.json'

/** Without an edit there is none. */
export async function readHistory(folder: string): Promise<History | null> {
  const text = await readFile(join(folder, historyFile), 'utf8').catch(() => null)
  return text === null ? null : historySchema.parse(JSON.parse(text))
}

export function stepsOf(history: History | null): EditHistory {
  if (history === null) return { undo: null, redo: null }
  const { versions, at } = history
  return { undo: at === 0 ? null : versions[at].text, redo: versions.at(at + 1)?.text ?? null }
}

/** Keeps these files' contents for later; harmless if nothing comes of it. */
export async function keepFiles(
  folder: string,
  files: readonly { readonly name: StateFile; readonly bytes: Buffer }[],
): Promise<Partial<Version['files']>> {
  await mkdir(join(folder, 'history'), { recursive: true })
  const kept: Partial<Version['files']> = {}
  for (const { name, bytes } of files) {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const path = join(folder, 'history', sha256)
    const there = await stat(path).catch(() => null)
    if (there?.size !== bytes.length) {
      await writeSynced(`${path}.tmp`, bytes)
      await rename(`${path}.tmp`, path)
    }
    kept[name] = { sha256, bytes: bytes.length }
  }
  await syncFolder(join(folder, 'history'))
  return kept
}

export const readKept = (folder: string, version: Version, name: StateFile): Promise<Buffer> =>
  readFile(join(folder, 'history', version.files[name].sha256))

/** The history after one more step; what was undone before it is gone. */
export function withStep({ versions, at }: History, text: string, files: Partial<Version['files']>): History {
  const all = [...versions.slice(0, at + 1), { text, files: { ...versions[at].files, ...files } }]
  let from = Math.max(0, all.length - 1 - mostSteps)
  while (from < all.length - 2 && bytesOf(all.slice(from)) > mostBytes) from++
  const kept = all.slice(from)
  return { versions: kept, at: kept.length - 1 }
}

const contentsOf = (versions: readonly Version[]): Map<string, number> =>
  new Map(versions.flatMap(({ files }) => Object.values(files).map(({ sha256, bytes }) => [sha256, bytes] as const)))

const bytesOf = (versions: readonly Version[]): number =>
  [...contentsOf(versions).values()].reduce((sum, bytes) => sum + bytes, 0)

/** Removes the contents that no version needs. */
export async function forgetOthers(folder: string, { versions }: History): Promise<void> {
  const needed = contentsOf(versions)
  for (const name of await readdir(join(folder, 'history'))) {
    if (!needed.has(name)) await rm(join(folder, 'history', name), { force: true })
  }
}
