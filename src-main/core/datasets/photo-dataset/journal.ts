import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { datasetManifestSchema, type DatasetManifest } from '../../../contract/index.ts'
import { diskFull, syncFolder } from '../../workspace/index.ts'
import { manifestBytes } from '../manifest.ts'

// Several files of a dataset's folder change as one: they are written into a folder beside, and renaming that folder to
// `.change` is the change. Moving its files to their places can then be done again from wherever it was cut.

const decided = '.change'
const undecided = '.change-'

export interface FileChange {
  readonly name: string
  /** Its new content, or a file on the same disk that becomes it. */
  readonly content: Uint8Array | { readonly path: string }
}

/** Makes all these changes to a dataset's folder or, whatever happens meanwhile, none. */
export async function changeFiles(
  folder: string,
  changes: readonly FileChange[],
  manifest: DatasetManifest,
): Promise<void> {
  const working = join(folder, undecided + randomUUID())
  try {
    await mkdir(working)
    for (const { name, content } of [...changes, { name: 'manifest.json', content: manifestBytes(manifest) }]) {
      if (content instanceof Uint8Array) await writeSynced(join(working, name), content)
      else await rename(content.path, join(working, name))
    }
    await syncFolder(working)
    await rename(working, join(folder, decided))
  } catch (thrown) {
    await rm(working, { recursive: true, force: true })
    throw thrown
  }
  await syncFolder(folder)
  await finishChange(folder)
}

/** Brings a change to its end that was decided, and drops one that was not. */
export async function finishChange(folder: string): Promise<void> {
  const working = join(folder, decided)
  if (existsSync(working)) {
    const names = await readdir(working)
    if (names.includes('manifest.json')) {
      const manifest = datasetManifestSchema.parse(JSON.parse(await readFile(join(working, 'manifest.json'), 'utf8')))
      if (manifest.counts.features === null) {
        for (const name of ['features.npy', 'features.json']) await rm(join(folder, name), { force: true })
      }
    }
    // The manifest last: a reader sees by it that the files changed.
    for (const name of names.toSorted((a, b) => Number(a === 'manifest.json') - Number(b === 'manifest.json'))) {
      await rename(join(working, name), join(folder, name))
    }
    await syncFolder(folder)
    await rm(working, { recursive: true })
  }
  for (const name of await readdir(folder)) {
    if (name.startsWith(undecided)) await rm(join(folder, name), { recursive: true, force: true })
  }
}

/** How long a reader in another process waits for a change to end before it takes its writer for dead. */
const patience = { tries: 100, pause: 20 } // ms

/** What `read` makes of a folder's files while none of them changed. */
export async function readUnchanged<T>(folder: string, read: (manifest: string) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt > patience.tries
    if (existsSync(join(folder, decided))) {
      if (last) await finishChange(folder)
      else await sleep(patience.pause)
      continue
    }
    const manifest = await readFile(join(folder, 'manifest.json'), 'utf8')
    const unchanged = async (): Promise<boolean> =>
      !existsSync(join(folder, decided)) && (await readFile(join(folder, 'manifest.json'), 'utf8')) === manifest
    try {
      const result = await read(manifest)
      if (last || (await unchanged())) return result
    } catch (thrown) {
      // Files of two moments do not fit together; that counts only where there is but one.
      if (last || (await unchanged())) throw thrown
    }
  }
}

/** @throws AppError where the disk is full. */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (thrown) {
    throw diskFull(thrown, path) ?? thrown
  }
}
