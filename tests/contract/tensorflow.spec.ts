import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { installedTensorFlow } from '../../src-main/core/devices/tensorflow/index.ts'
import type { JobProcess } from '../../src-main/core/jobs/spawn.ts'
import { openBackend, spawnJob, type OpenedBackend } from './opened-backend.ts'

/** CI adds TensorFlow there first. */
const engines = process.env.UNSEEN_TEST_ENGINES ?? ''
const installed = await installedTensorFlow(engines)
const cub = join(import.meta.dirname, '../../../shared/data/CUB-resnet1000')

const patience = 200_000 // ms; a quiet machine takes a tenth

let opened: OpenedBackend
let processes: JobProcess[]

beforeEach(async () => {
  vi.stubEnv('UNSEEN_ENGINES', engines)
  processes = []
  opened = await openBackend(() => {
    const process = spawnJob()
    processes.push(process)
    return process
  })
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await opened.close()
})

describe.skipIf(installed === null || !existsSync(cub))(
  'a training on TensorFlow (skipped where none is in UNSEEN_TEST_ENGINES, or ../shared is not there)',
  () => {
    it(
      'is killed between two steps and loses its last seconds only; resumed, it recognises birds that it never saw',
      { timeout: patience },
      async () => {
        const { backend, ended } = opened
        const { id } = await backend.startTraining({
          ...{ dataset: await opened.importFolder(cub), device: 'tensorflow' },
          set: { episodes: 150, holdOuts: 1, holdOutEpisodes: 50 },
        })
        const training = processes.at(-1)
        const begun = async () => (await backend.getRun({ run: id })).metrics.length > 2
        await vi.waitUntil(begun, { timeout: patience, interval: 20 })
        training.kill()
        expect(await ended(id, patience)).toMatchObject({ state: 'interrupted', error: { code: 'job/died' } })

        await backend.resumeTraining({ run: id })
        const run = await ended(id, patience)
        expect(run).toMatchObject({ state: 'finished', error: null, notes: [], result: { device: 'tensorflow' } })
        // Guessing gives 2 of 100, the closed-form baseline 32 and 18; 42.6 and 32.9 are usual after so few steps.
        expect(run.result!.T1).toBeGreaterThan(37)
        expect(run.result!.calibrated.H).toBeGreaterThan(27)
      },
    )
  },
)
