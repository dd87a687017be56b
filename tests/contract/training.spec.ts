import { readdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RunSummary } from '../../src-main/contract/index.ts'
import type { JobProcess } from '../../src-main/core/jobs/spawn.ts'
import { snapshotOf } from '../../src-main/hosts/cli/session.ts'
import { softwareAdapter } from '../../scripts/software-adapter.ts'
import { openBackend, spawnJob, type OpenedBackend } from './opened-backend.ts'
import { smallKnobs, writeTiny } from './tiny.ts'

/** Where Chromium’s software renderer is described, which stands in for a graphics card. */
const adapter = process.env.VK_ICD_FILENAMES ?? softwareAdapter().VK_ICD_FILENAMES

/** ms; the software renderer takes a tenth where nothing else is going on. */
const patience = 150_000

let opened: OpenedBackend
let processes: JobProcess[]
/** Whether a process dies that is asked to train on this device. */
let deadly: string | null = null

function spawnWatched(): JobProcess {
  const process = spawnJob()
  processes.push(process)
  const send = (message: unknown): void => {
    process.send(message)
    const { task, input } = message as { task?: string; input?: { device?: string } }
    if (task === 'train' && input?.device === deadly) process.kill()
  }
  return { ...process, send }
}

beforeEach(async () => {
  processes = []
  opened = await openBackend(spawnWatched)
})
afterEach(() => opened.close())

const importTiny = async (): Promise<string> => opened.importFolder(await writeTiny(join(opened.folder, 'tiny')))
const metricsOf = (run: string): string => join(opened.running.workspace.runs, run, 'metrics.jsonl')
const state = async (run: string) => (await opened.backend.getRun({ run })).state
const ended = (run: string): Promise<RunSummary> => opened.ended(run)
const start = (dataset: string, more: Record<string, unknown> = {}) =>
  opened.backend.startTraining({ dataset, device: 'cpu', set: { ...smallKnobs, episodes: 200 }, ...more })

/** As after an earlier start, in which a graphics card was measured as the fastest. */
async function reopenWithCard(): Promise<void> {
  const machine = `${hostname()} ${cpus()[0]?.model ?? ''} ${process.platform}`
  const report = {
    ...{ label: '', note: null, next: null, gflops: 1, goldenError: 0 },
    ...{ available: true, leftOut: false, removable: false, chosen: null },
  }
  const reports = [
    { ...report, name: 'cpu', msPerStep: 100 },
    { ...report, name: 'webgpu', msPerStep: 1 },
  ]
  const file = join(opened.running.workspace.cache, 'devices.json')
  await opened.reopen(() => writeFile(file, JSON.stringify({ machine, reports })))
}

describe('runs', () => {
  it('trains in a process of its own, beside its baseline, and can be read, measured again, removed and restored', async () => {
    const { backend } = opened
    const dataset = await importTiny()
    // What a page asks for when it shows the form: the training then goes to the process that is ready.
    await backend.prepareTraining({})
    const [ready] = processes.slice(-1)
    const sent = vi.spyOn(ready, 'send')
    const started = await start(dataset, { baseline: true })
    expect(started.state).toBe('running')
    expect(sent).toHaveBeenCalledWith(expect.objectContaining({ type: 'run', task: 'train' }))
    const run = await ended(started.id)
    expect(run).toMatchObject({ state: 'finished', error: null, result: { run: run.id, method: 'ipn', device: 'cpu' } })
    expect(run.result!.T1).toBeGreaterThan(0)
    expect(run.result!.calibrated.H).toBeGreaterThan(0)
    expect(run.result!.heldOutClasses.map(({ holdOut }) => holdOut)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3])
    expect(run.result!.firstPhotos).toMatchObject({ classes: 9 })

    const baseline = await ended(started.baseline!)
    expect(baseline).toMatchObject({ method: 'eszsl', state: 'finished', result: { graph: null, method: 'eszsl' } })

    const detail = await backend.getRun({ run: run.id })
    // Of each phase the first, then every 25th of 200.
    expect(detail.metrics.filter(({ type }) => type === 'step').length).toBe(4 * 9)
    expect(detail.metrics.some(({ type }) => type === 'held-out')).toBe(true)
    expect(detail.curve!.U[0]).toBe(0)
    expect(detail.curve!.S.at(-1)).toBe(0)
    expect(detail.perClass.length).toBe(12)

    const again = await backend.evaluateRun({ run: run.id })
    expect(again.result).toEqual(run.result)
    expect((await backend.evaluateRun({ run: baseline.id })).result).toEqual(baseline.result)

    await backend.removeRun({ run: run.id })
    await expect(backend.getRun({ run: run.id })).rejects.toMatchObject({ code: 'run/unknown' })
    expect((await backend.restoreRun({ run: run.id })).result).toEqual(run.result)
    const files = await readdir(join(opened.running.workspace.runs, run.id))
    expect(files.sort()).toEqual([
      'evaluation.json',
      'film.safetensors',
      'metrics.jsonl',
      'model.safetensors',
      'run.json',
    ])
  })

  it('stopped, kept over a restart and resumed, reaches what an uninterrupted training reaches', async () => {
    const dataset = await importTiny()
    const whole = await ended((await start(dataset)).id)
    const { id } = await start(dataset)
    await vi.waitUntil(async () => (await opened.backend.getRun({ run: id })).metrics.length > 5, { timeout: 20_000 })
    const stopped = await opened.backend.stopTraining({ run: id })
    expect(stopped).toMatchObject({ state: 'stopped', error: null, result: null })

    await opened.reopen()
    expect(await state(id)).toBe('stopped')
    await opened.backend.resumeTraining({ run: id })
    const resumed = await ended(id)
    const { seconds: a, run: b, ...figures } = resumed.result!
    const { seconds: c, run: d, ...expected } = whole.result!
    expect([a > 0, b !== d, c > 0]).toEqual([true, true, true])
    expect(figures).toEqual(expected)
  })

  it('killed, is told in a sentence; another training is not touched, and the killed one can be resumed', async () => {
    const dataset = await importTiny()
    const victim = await start(dataset, { set: { ...smallKnobs, episodes: 100_000 } })
    const process = processes.at(-1)
    const other = await start(dataset, { seed: 2 })
    await vi.waitUntil(async () => (await opened.backend.getRun({ run: victim.id })).metrics.length > 2, {
      timeout: 20_000,
    })
    process.kill()
    const died = await ended(victim.id)
    expect(died).toMatchObject({ state: 'interrupted', error: { code: 'job/died' } })
    expect(died.error!.message).toContain('SIGKILL')
    expect((await ended(other.id)).state).toBe('finished')
    await opened.backend.resumeTraining({ run: victim.id })
    expect(await state(victim.id)).toBe('running')
    expect((await opened.backend.stopTraining({ run: victim.id })).state).toBe('stopped')
  })

  it.skipIf(!adapter)(
    'killed in the middle of a step on a graphics card, loses that card’s last steps only (skipped without SwiftShader)',
    { timeout: 3 * patience },
    async () => {
      vi.stubEnv('VK_ICD_FILENAMES', adapter)
      try {
        const dataset = await importTiny()
        const set = { ...smallKnobs, holdOuts: 1, holdOutEpisodes: 2, episodes: 20 }
        const expected = await ended((await start(dataset, { set })).id)
        const victim = (await start(dataset, { set, device: 'webgpu' })).id
        const process = processes.at(-1)
        const points = async () => (await opened.backend.getRun({ run: victim })).metrics
        const inFinal = async () => (await points()).filter(({ phase }) => phase.kind === 'final')
        // The hold-out is over and kept; the card has steps of the final training that nobody has read yet.
        await vi.waitUntil(async () => (await inFinal()).length > 0, { timeout: patience, interval: 20 })
        const other = await start(dataset, { seed: 2 })
        process.kill()
        const died = await ended(victim)
        expect(died).toMatchObject({ state: 'interrupted', error: { code: 'job/died' }, result: null })
        expect(died.error!.message).toContain('SIGKILL')
        expect(died.error!.next).not.toBe('')
        expect((await ended(other.id)).state).toBe('finished')

        const before = (await readFile(metricsOf(victim), 'utf8')).split('\n')
        await opened.backend.resumeTraining({ run: victim })
        // Its measurement would take the software renderer longer than its training.
        await vi.waitUntil(async () => (await inFinal()).some(({ episode }) => episode === set.episodes), {
          ...{ timeout: patience, interval: 50 },
        })
        await opened.backend.stopTraining({ run: victim })
        const after = (await readFile(metricsOf(victim), 'utf8')).split('\n').slice(before.length)
        expect(after.some((line) => line.includes('"final"'))).toBe(true)
        expect(after.some((line) => line.includes('"hold-out"'))).toBe(false)

        // On the card and on the processor, with and without a death in between, it learned the same.
        const reference = (await opened.backend.getRun({ run: expected.id })).metrics
        const found = await points()
        expect(found.length).toBe(reference.length)
        for (const point of found) {
          const same = reference.find(
            ({ type, phase, episode }) =>
              type === point.type && phase.index === point.phase.index && episode === point.episode,
          )
          if (point.type !== 'step') continue
          expect(same?.type === 'step' && same.classification).toBeCloseTo(point.classification, 2)
          expect(same?.type === 'step' && same.semanticMeanDegree).toBeCloseTo(point.semanticMeanDegree, 2)
        }
      } finally {
        vi.unstubAllEnvs()
      }
    },
  )

  it('tells how long a training would take, by steps that it measures', async () => {
    const dataset = await importTiny()
    const estimate = (episodes: number) =>
      opened.backend.estimateTraining({
        dataset,
        device: 'cpu',
        set: { ...smallKnobs, episodes, holdOutEpisodes: 100 },
      })
    const [short, long] = [await estimate(100), await estimate(100_000)]
    expect(short.device).toBe('cpu')
    expect(short.seconds).toBeCloseTo(400 / short.episodesPerSecond, 6)
    expect(long.seconds).toBeCloseTo(100_300 / long.episodesPerSecond, 6)
  })

  it('goes on with the processor where a device ends the process, and leaves that device out from then on', async () => {
    await reopenWithCard()
    deadly = 'webgpu'
    try {
      const dataset = await importTiny()
      const run = await ended((await start(dataset, { device: 'auto' })).id)
      expect(run).toMatchObject({ state: 'finished', result: { device: 'cpu' } })
      expect(run.notes).toContain('The device “webgpu” failed during training; it went on with “cpu”.')
      const { devices } = await snapshotOf(opened.backend)
      expect(devices.find(({ name }) => name === 'webgpu')).toMatchObject({ available: false, leftOut: true })
    } finally {
      deadly = null
    }
  })

  it('goes on with the processor, and says so, where the device that was chosen automatically fails', async () => {
    await reopenWithCard()
    vi.stubEnv('VK_ICD_FILENAMES', join(opened.folder, 'no-driver.json'))
    vi.stubEnv('VK_DRIVER_FILES', join(opened.folder, 'no-driver.json'))
    try {
      const dataset = await importTiny()
      const run = await ended((await start(dataset, { device: 'auto' })).id)
      expect(run).toMatchObject({ state: 'finished', device: 'cpu', result: { device: 'cpu' } })
      expect(run.notes).toContain('The device “webgpu” failed during training; it went on with “cpu”.')
    } finally {
      vi.unstubAllEnvs()
    }
  })

  it('refuses what cannot be trained or measured, and says what to do', async () => {
    const dataset = await importTiny()
    await expect(start('nothing-here')).rejects.toMatchObject({ code: expect.stringMatching(/^dataset\//) as string })
    await expect(start(dataset, { set: { hidden: -1 } })).rejects.toMatchObject({ code: 'contract/invalid-arguments' })
    await expect(start(dataset, { device: 'tensorflow' })).resolves.toMatchObject({ state: 'running' })
    const [run] = await readdir(opened.running.workspace.runs)
    expect(await ended(run)).toMatchObject({ state: 'failed', error: { code: 'device/not-installed' } })
    await expect(opened.backend.evaluateRun({ run })).rejects.toMatchObject({ code: 'run/not-finished' })
    await expect(opened.backend.resumeTraining({ run: 'no-such-run' })).rejects.toMatchObject({ code: 'run/unknown' })
  })
})

describe('a run and the baseline beside it', () => {
  it('are resumed together where both were interrupted, unless the baseline was removed', async () => {
    const dataset = await importTiny()
    const set = { ...smallKnobs, holdOuts: 1, holdOutEpisodes: 10, episodes: 20 }
    deadly = 'cpu'
    try {
      const { id, baseline } = await start(dataset, { set, baseline: true })
      for (const one of [id, baseline!]) expect(await ended(one)).toMatchObject({ state: 'interrupted' })
      deadly = null
      expect(await opened.backend.resumeTraining({ run: id })).toMatchObject({ state: 'running', baseline })
      for (const one of [id, baseline!]) expect(await ended(one)).toMatchObject({ state: 'finished', error: null })

      await opened.backend.removeRun({ run: baseline! })
      expect(await opened.backend.resumeTraining({ run: id })).toMatchObject({ state: 'finished', baseline })
    } finally {
      deadly = null
    }
  })
})
