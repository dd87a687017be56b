import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type {
  Backend,
  Classification,
  DatasetId,
  Prediction,
  RunId,
  RunSummary,
} from '../../src-main/contract/index.ts'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import type { SpawnJob } from '../../src-main/core/jobs/spawn.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'

/** Jobs in real processes, from the sources. */
export const spawnJob = nodeSpawnJob(new URL('../../src-main/hosts/node/job-process.ts', import.meta.url))

/** What was said of dropped photos. */
export interface Classified {
  readonly classification: Classification
  readonly predictions: Prediction[]
}

/** A backend on a workspace of its own. */
export interface OpenedBackend {
  /** With workspace/; a test may put its files beside that. */
  readonly folder: string
  /** The present one: not to be kept where the workspace is opened again. */
  readonly running: RunningBackend
  readonly backend: Backend
  readonly grantOf: (path: string) => Promise<string>
  /** Imports a folder as a person would who agrees to everything. */
  readonly importFolder: (path: string) => Promise<DatasetId>
  /** Resolves when the run is over, however it ended. */
  readonly ended: (run: RunId, timeout?: number) => Promise<RunSummary>
  /** Drops files or folders on a run; resolves when all has been said of them, or why it cannot be. */
  readonly classified: (run: RunId, paths: readonly string[]) => Promise<Classified>
  /** As after a restart; `meanwhile` is done while nobody has the workspace open. */
  readonly reopen: (meanwhile?: () => Promise<void>) => Promise<void>
  readonly close: () => Promise<void>
}

export async function openBackend(spawn: SpawnJob = spawnJob): Promise<OpenedBackend> {
  const folder = await mkdtemp(join(tmpdir(), 'unseen-backend-'))
  const start = (): Promise<RunningBackend> =>
    createBackend({
      ...{ workspace: join(folder, 'workspace'), host: 'cli', version: '0.0.0', spawnJob: spawn },
      log: () => undefined,
    })
  let running = await start()
  const grantOf = async (path: string): Promise<string> => (await running.grants.add(path)).id

  return {
    folder,
    get running() {
      return running
    },
    get backend() {
      return running.backend
    },
    grantOf,
    async importFolder(path) {
      const { backend } = running
      const report = await backend.inspectDataset({ grants: [await grantOf(path)] })
      return (await backend.importDataset({ report: report.id })).id
    },
    async ended(run, timeout = 60_000) {
      const look = (): Promise<RunSummary> => running.backend.getRun({ run })
      await vi.waitUntil(async () => (await look()).state !== 'running', { timeout, interval: 50 })
      return look()
    },
    async classified(run, paths) {
      const { backend } = running
      const { id } = await backend.startClassification({ run, grants: await Promise.all(paths.map(grantOf)) })
      const look = (): Promise<Classified> => backend.getClassification({ classification: id })
      const over = async () => (await look()).classification.state !== 'running'
      await vi.waitUntil(over, { timeout: 60_000, interval: 20 })
      return look()
    },
    async reopen(meanwhile) {
      await running.close()
      await meanwhile?.()
      running = await start()
    },
    async close() {
      await running.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
