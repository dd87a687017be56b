import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunSummary } from '../../src-main/contract/index.ts'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import { installedTensorFlow } from '../../src-main/core/devices/tensorflow/index.ts'
import type { JobProcess } from '../../src-main/core/jobs/spawn.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'

/** CI adds TensorFlow there first. */
const engines = process.env.UNSEEN_TEST_ENGINES ?? ''
const installed = await installedTensorFlow(engines)
const cub = join(import.meta.dirname, '../../../shared/data/CUB-resnet1000')
const spawn = nodeSpawnJob(new URL('../../src-main/hosts/node/job-process.ts', import.meta.url))

const patience = 200_000 // ms; a quiet machine takes a tenth

let folder: string
let running: RunningBackend
let processes: JobProcess[]

beforeEach(async () => {
  vi.stubEnv('UNSEEN_ENGINES', engines)
  processes = []
  folder = await mkdtemp(join(tmpdir(), 'unseen-tensorflow-'))
  running = await createBackend({
    workspace: join(folder, 'workspace'),
    host: 'cli',
    version: '0.0.0',
    log: () => undefined,
    spawnJob: () => {
      const process = spawn()
      processes.push(process)
      return process
    },
  })
})
afterEach(async () => {
  await running.close()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

const runOf = (run: string) => running.backend.getRun({ run })
const ended = async (run: string): Promise<RunSummary> => {
  await vi.waitUntil(async () => (await runOf(run)).state !== 'running', { timeout: patience, interval: 50 })
  return runOf(run)
}

describe.skipIf(installed === null || !existsSync(cub))(
  'a training on TensorFlow (skipped where none is in UNSEEN_TEST_ENGINES, or ../shared is not there)',
  () => {
    it(
      'is killed between two steps and loses its last seconds only; resumed, it recognises birds that it never saw',
      { timeout: patience },
      async () => {
        const { backend, grants } = running
        const report = await backend.inspectDataset({ grants: [(await grants.add(cub)).id] })
        const dataset = await backend.importDataset({ report: report.id })
        const { id } = await backend.startTraining({
          ...{ dataset: dataset.id, device: 'tensorflow' },
          set: { episodes: 150, holdOuts: 1, holdOutEpisodes: 50 },
        })
        const training = processes.at(-1)
        await vi.waitUntil(async () => (await runOf(id)).metrics.length > 2, { timeout: patience, interval: 20 })
        training.kill()
        expect(await ended(id)).toMatchObject({ state: 'interrupted', error: { code: 'job/died' } })

        await backend.resumeTraining({ run: id })
        const run = await ended(id)
        expect(run).toMatchObject({ state: 'finished', error: null, notes: [], result: { device: 'tensorflow' } })
        // Guessing gives 2 of 100, the closed-form baseline 32 and 18; 42.6 and 32.9 are usual after so few steps.
        expect(run.result!.T1).toBeGreaterThan(37)
        expect(run.result!.calibrated.H).toBeGreaterThan(27)
      },
    )
  },
)
