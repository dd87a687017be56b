import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { Backend, DatasetId, RunId, RunSummary } from '../../src-main/contract/index.ts'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import type { SpawnJob } from '../../src-main/core/jobs/spawn.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'

/** Jobs in real processes, from the sources. */
export const spawnJob = nodeSpawnJob(new URL('../../src-main/hosts/node/job-process.ts', import.meta.url))

/** A backend on a workspace of its own. */
export interface OpenedBackend {
  /** With workspace/; a test may put its files beside that. */
  readonly folder: string
  /** The present one: not to be kept where the workspace is opened again. */
  readonly running: RunningBackend
  readonly backend: Backend
  grantOf(path: string): Promise<string>
  /** Imports a folder as a person would who agrees to everything. */
  importFolder(path: string): Promise<DatasetId>
  /** Resolves when the run is over, however it ended. */
  ended(run: RunId, timeout?: number): Promise<RunSummary>
  /** As after a restart; `meanwhile` is done while nobody has the workspace open. */
  reopen(meanwhile?: () => Promise<void>): Promise<void>
  close(): Promise<void>
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
