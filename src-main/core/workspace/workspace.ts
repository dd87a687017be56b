import { mkdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/index.ts'
import { readJson, writeFileAtomic } from './atomic.ts'
import { lockFolder } from './lock.ts'
import { migrations as ownMigrations, schemaVersion, type Migrations } from './migrations.ts'

/** A folder that a person can read, copy and put under version control. Paths are absolute. */
export interface Workspace {
  readonly directory: string
  /** The folder's name: all that a page learns of it. */
  readonly name: string
  readonly datasets: string
  readonly runs: string
  /** Networks that make features of photos; the one that comes with the application is in the cache. */
  readonly backbones: string
  /** What was removed and can come back. */
  readonly trash: string
  /** What can be made again: may be emptied while nobody has the workspace open. */
  readonly cache: string
  /** Lets another process open it. */
  close(): Promise<void>
}

const workspaceFileSchema = z.object({ schemaVersion: z.int().min(1), createdAt: z.iso.datetime() })

/**
 * Opens a workspace for this process alone; makes it where there is none, and brings one of an earlier version up to
 * this one. Throws `workspace/in-use`, `workspace/too-new`, `workspace/not-a-folder`, `workspace/damaged`.
 */
export async function openWorkspace(
  directory: string,
  options: { version?: number; migrations?: Migrations; clock?: () => Date } = {},
): Promise<Workspace> {
  const { version = schemaVersion, migrations = ownMigrations, clock = () => new Date() } = options
  const root = resolve(directory)
  await makeFolder(root)
  const unlock = await lockFolder(root)
  try {
    await bringUp(root, version, migrations, clock)
    const folder = (name: string): string => join(root, name)
    const folders = {
      datasets: folder('datasets'),
      runs: folder('runs'),
      backbones: folder('backbones'),
      trash: folder('trash'),
      cache: folder('cache'),
    }
    for (const path of Object.values(folders)) await makeFolder(path)
    return { directory: root, name: basename(root), ...folders, close: unlock }
  } catch (error) {
    await unlock()
    throw error
  }
}

async function bringUp(root: string, version: number, migrations: Migrations, clock: () => Date): Promise<void> {
  const path = join(root, 'workspace.json')
  const write = (content: z.infer<typeof workspaceFileSchema>): Promise<void> =>
    writeFileAtomic(path, `${JSON.stringify(content, null, 2)}\n`)

  const present = await stat(path).then(
    () => true,
    () => false,
  )
  if (!present) return write({ schemaVersion: version, createdAt: clock().toISOString() })

  const found = await readJson(path, workspaceFileSchema).catch((cause: unknown) => {
    throw new AppError('workspace/damaged', 'The file workspace.json of this workspace is damaged.', {
      next: 'Restore it from a copy, or choose another workspace. The datasets and runs beside it were not touched.',
      cause,
    })
  })
  if (found.schemaVersion > version) {
    throw new AppError('workspace/too-new', 'This workspace was made by a newer Unseen.', {
      next: 'Update Unseen, or choose another workspace. Nothing was changed.',
      details: { found: found.schemaVersion, understood: version },
    })
  }
  for (let from = found.schemaVersion; from < version; from++) {
    const migrate = migrations[from]
    if (migrate === undefined) throw new Error(`There is no migration from workspace version ${from}.`)
    await migrate(root)
    // After each one, so that an interrupted migration goes on where it was.
    await write({ ...found, schemaVersion: from + 1 })
  }
}

async function makeFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((cause: unknown) => {
    throw new AppError('workspace/not-a-folder', `The folder “${basename(path)}” cannot be made.`, {
      next: 'Choose a workspace in a place where you may write.',
      cause,
    })
  })
}
