import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import {
  AppError,
  type Backend,
  type DatasetId,
  type DatasetManifest,
  type PreflightReport,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { suggestedName } from './dropped.ts'
import { photoCommands, type PhotoCommands } from './photo-commands.ts'
import { createDatasetStore } from './store.ts'
import { asError } from './tasks.ts'
import { endWhenSilent } from './watch.ts'

export type DatasetCommands = Pick<
  Backend,
  | 'inspectDataset'
  | 'importDataset'
  | 'getDataset'
  | 'getAttributes'
  | 'renameDataset'
  | 'removeDataset'
  | 'restoreDataset'
> &
  PhotoCommands & {
    /** Newest first. */
    list(): DatasetManifest[]
    /** Only what its manifest says: at once, whatever its size. */
    manifest(id: DatasetId): Promise<DatasetManifest>
    /** `use` with a folder on the workspace's disk, not made yet, which is gone afterwards, however it ended. */
    withWorkingFolder<T>(use: (working: string) => Promise<T>): Promise<T>
  }

/** Reports that a page may still import; older ones are looked at again. */
const rememberedReports = 64

/** The dataset part of the backend. */
export async function datasetCommands(context: BackendContext): Promise<DatasetCommands> {
  const { workspace, jobs, grants, emit, clock, log } = context
  const store = createDatasetStore(workspace.directory)
  await store.removeUnfinished()
  const reports = new Map<string, { paths: readonly string[]; report: PreflightReport }>()

  async function withWorkingFolder<T>(use: (working: string) => Promise<T>): Promise<T> {
    const working = store.workingFolder(randomUUID())
    try {
      return await use(working)
    } finally {
      await rm(working, { recursive: true, force: true })
    }
  }

  /** Another dataset with the same content. Photos are the same whether somebody made features of them or not. */
  async function findSame({ id: own, contentHash, photos, counts }: DatasetManifest) {
    const others = store.list().filter(({ id }) => id !== own)
    const same = others.find((other) => other.contentHash === contentHash)
    if (same !== undefined || !photos) return same
    for (const other of others) {
      if (!other.photos || other.counts.features === null || other.counts.images !== counts.images) continue
      const hash = await store.photos.hashWithoutFeatures(other.id).catch(() => null)
      if (hash === contentHash) return other
    }
    return undefined
  }

  function changed(manifest: DatasetManifest): DatasetManifest {
    emit({ type: 'dataset', dataset: manifest })
    return manifest
  }

  return {
    ...photoCommands(context, { store, changed, withWorkingFolder }),
    withWorkingFolder,
    list: () => store.list((id) => log(`datasets/${id} has no readable manifest and is not shown`)),

    inspectDataset: async ({ grants: ids }) => {
      const paths = ids.map((id) => grants.resolve(id))
      const inspection = await withWorkingFolder((working) =>
        endWhenSilent((onProgress) =>
          jobs.run('inspect', { paths, working }, { kind: 'inspect', title: suggestedName(paths), onProgress }),
        ),
      )
      const report: PreflightReport = { id: randomUUID(), ...inspection }
      reports.set(report.id, { paths, report })
      const [oldest] = reports.keys()
      if (reports.size > rememberedReports) reports.delete(oldest)
      return report
    },

    importDataset: async ({ report: id, name, minusOne = 'value' }) => {
      const known = reports.get(id)
      if (known === undefined) {
        throw new AppError('dataset/unknown-report', 'This report is no longer known.', {
          next: 'Drop the files again.',
        })
      }
      const { paths, report } = known
      const problem = report.findings.find((finding) => finding.level === 'problem')
      if (problem !== undefined) throw asError(problem)
      const input = {
        paths,
        workspace: workspace.directory,
        name: name ?? report.name,
        minusOne,
        importedAt: clock().toISOString(),
      }
      const made = await withWorkingFolder((working) =>
        endWhenSilent((onProgress) =>
          jobs.run('import', { ...input, working }, { kind: 'import', title: input.name, onProgress }),
        ),
      )
      const same = await findSame(made)
      if (same === undefined) return changed(made)
      await store.discard(made.id)
      return same
    },

    manifest: (id) => store.manifest(id),
    getDataset: ({ dataset }) => store.get(dataset),
    getAttributes: ({ dataset }) => store.attributes(dataset),
    renameDataset: async ({ dataset, name }) => changed(await store.rename(dataset, name)),
    removeDataset: async ({ dataset }) => {
      await store.remove(dataset)
      emit({ type: 'dataset-removed', dataset })
    },
    restoreDataset: async ({ dataset }) => changed(await store.restore(dataset)),
  }
}
