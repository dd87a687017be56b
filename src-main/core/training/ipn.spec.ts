import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presets, type TrainingConfig } from '../../contract/index.ts'
import type { TrainerState } from '../compute/engine.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { ipnProgressSchema, runIpn, type IpnProgress, type IpnRun, type IpnWatcher } from './ipn.ts'
import { readCheckpoint, writeCheckpoint } from './run-folder.ts'
import { tinyDataset } from './testing/tiny-dataset.ts'

const config: TrainingConfig = {
  ...presets.quick,
  hidden: 16,
  attentionWidth: 8,
  edgeNeighbours: 2,
  classesPerEpisode: 5,
  episodes: 150,
  learningRate: 5e-3,
  holdOuts: 3,
}

type Saved = { progress: IpnProgress; trainer: TrainerState }

/** Everything that a run says, in order; stops it after `stopAfter` reports if asked to. */
async function watched(
  given: Partial<IpnRun> & { stopAfter?: number; onSaved?: (saved: Saved) => Promise<void> } = {},
) {
  const said: unknown[] = []
  const stop = new AbortController()
  let saved: Saved | null = null
  const watcher: IpnWatcher = {
    step: (phase, _, progress) => {
      said.push([phase.index, progress])
      if (said.length >= (given.stopAfter ?? Infinity)) stop.abort()
    },
    heldOut: (phase, episode, figures) => said.push([phase.index, episode, figures]),
    checkpoint: async (progress, state) => {
      if (!(given.signal ?? stop.signal).aborted) return
      saved = { progress: { ...progress, outcomes: [...progress.outcomes], seconds: 0 }, trainer: await state() }
    },
  }
  const outcome = await runIpn({
    ...{ dataset: tinyDataset(), config, seed: 3, engine: createCpuEngine(1), from: null, watcher },
    signal: stop.signal,
    ...given,
  })
  return { said, outcome, saved: saved as Saved | null }
}

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'unseen-training-'))))
afterAll(() => rm(folder, { recursive: true }))

describe('a training by the protocol', () => {
  it('learns: unseen classes above chance, judged on held-out classes', async () => {
    const { outcome, said } = await watched()
    expect(outcome!.figures.heldOut.T1).toBeGreaterThan(50) // chance is 33, three hold-outs
    expect(outcome!.figures.graph!.semanticMeanDegree).toBeGreaterThanOrEqual(2)
    expect(outcome!.figures.selection).toContain('No test image was used.')
    const losses = said.flatMap((one) =>
      (one as unknown[]).length === 2 ? [(one as [number, { classification: number }])[1]] : [],
    )
    expect(losses.at(-1)!.classification).toBeLessThan(losses[0].classification / 2)
  })

  it('says the same to the bit with the same seed, and something else with another', async () => {
    const [first, second, other] = [await watched(), await watched(), await watched({ seed: 4 })]
    expect(second.said).toEqual(first.said)
    expect(second.outcome!.model.parameters).toEqual(first.outcome!.model.parameters)
    expect(second.outcome!.gamma).toBe(first.outcome!.gamma)
    expect(other.said).not.toEqual(first.said)
  })

  it('stopped between two reports, reports at the same episodes after it was resumed', async () => {
    const episodesOf = ({ said }: Awaited<ReturnType<typeof watched>>) =>
      (said as [number, { episode: number } | number][]).map(([phase, one]) =>
        typeof one === 'number' ? `${phase} look ${one}` : `${phase} report ${one.episode}`,
      )
    const whole = await watched()
    const clock = new AbortController()
    const cpu = createCpuEngine(1)
    let steps = 0
    // The engine sees every step: it asks for the stop in the middle of an interval.
    const engine: typeof cpu = {
      ...cpu,
      trainer: async (graph, initial) => {
        const trainer = await cpu.trainer(graph, initial)
        const step: typeof trainer.step = (feeds, rate) => {
          if (++steps === 37) clock.abort()
          return trainer.step(feeds, rate)
        }
        return { ...trainer, step }
      },
    }
    const stopped = await watched({ engine, signal: clock.signal })
    const resumed = await watched({ from: stopped.saved })
    expect(new Set([...episodesOf(stopped), ...episodesOf(resumed)])).toEqual(new Set(episodesOf(whole)))
    expect(resumed.outcome!.model.parameters).toEqual(whole.outcome!.model.parameters)
  })

  it.each([3, 9, 17])(
    'stopped at report %i, stored and resumed, ends as if it had never stopped',
    async (stopAfter) => {
      const whole = await watched()
      const stopped = await watched({ stopAfter })
      expect(stopped.outcome).toBeNull()
      await writeCheckpoint(folder, stopped.saved!)
      const from = await readCheckpoint(folder, ipnProgressSchema)
      const resumed = await watched({ from })
      expect([...stopped.said, ...resumed.said].length).toBeGreaterThanOrEqual(whole.said.length)
      expect(resumed.said.at(-1)).toEqual(whole.said.at(-1))
      expect(resumed.outcome!.model.parameters).toEqual(whole.outcome!.model.parameters)
      expect(resumed.outcome!.gamma).toBe(whole.outcome!.gamma)
      expect(resumed.outcome!.measured.plain).toEqual(whole.outcome!.measured.plain)
    },
  )

  const switches: Partial<TrainingConfig>[] = [
    { propagationSteps: 0 },
    { propagationSteps: 3, edgeRule: 'threshold', consistency: 'every' },
    { prototypes: 'semantic', consistency: 'none' },
    { prototypes: 'visual', consistency: 'reversed' },
    { sharedAttention: true, consistency: 'mse' },
    { training: 'batches' },
    { featureScaling: 'standard', attributeScaling: 'column' },
    { featureScaling: 'none', attributeScaling: 'unit' },
    { attributeScaling: 'raw', anchors: 3 },
  ]
  it.each(switches)('runs with %o', async (change) => {
    const { outcome } = await watched({ config: { ...config, episodes: 30, ...change } })
    const { T1, plain } = outcome!.measured
    for (const figure of [T1, plain.U, plain.S, plain.H]) {
      expect(figure).toBeGreaterThanOrEqual(0)
      expect(figure).toBeLessThanOrEqual(100)
    }
    for (const { data } of Object.values(outcome!.model.parameters)) expect(data.every(Number.isFinite)).toBe(true)
  })

  it('fits T and the threshold on held-out classes: the test images may be anything', async () => {
    const { outcome } = await watched()
    const dataset = tinyDataset()
    const { testSeen, testUnseen } = dataset.splits
    for (const image of [...testSeen, ...testUnseen]) dataset.features!.fill(7, image * 12, (image + 1) * 12)
    testUnseen.forEach((image, at) => (dataset.labels[image] = 9 + (at % 3)))
    const spoiled = await watched({ dataset })
    expect(spoiled.outcome!.confidence).toEqual(outcome!.confidence)
    expect(spoiled.outcome!.measured.T1).not.toBe(outcome!.measured.T1)
    expect(outcome!.confidence!.temperature).toBeGreaterThan(0)
    expect(outcome!.confidence!.noneBelow).toBeGreaterThan(0)
  })

  it('takes unseen classes that nobody photographed: they are in the graph, and nothing is measured on them', async () => {
    const dataset = tinyDataset()
    const splits = { ...dataset.splits, testUnseen: new Int32Array() }
    const { outcome } = await watched({ dataset: { ...dataset, splits } })
    const whole = await watched()
    expect(outcome!.measured).toMatchObject({ T1: null, plain: { U: null, H: null }, ausuc: null })
    expect(outcome!.measured.plain.S).toBe(whole.outcome!.measured.plain.S)
    expect(outcome!.figures).toEqual(whole.outcome!.figures)
    expect(outcome!.gamma).toBe(whole.outcome!.gamma)
  })

  it('that diverges ends with a sentence, not with figures', async () => {
    const wild = { ...config, learningRate: 1e30, episodes: 100 }
    await expect(watched({ config: wild })).rejects.toMatchObject({ code: 'training/diverged' })
  })

  it('takes unknown attributes and classes with a single image', async () => {
    const dataset = tinyDataset()
    dataset.attributes[4] = NaN
    dataset.attributes[60] = NaN
    const keep = dataset.splits.trainval.filter((image) => dataset.labels[image] !== 2 || image === 21)
    const { outcome } = await watched({ dataset: { ...dataset, splits: { ...dataset.splits, trainval: keep } } })
    expect(outcome!.figures.heldOut.T1).toBeGreaterThan(45)
    for (const { data } of Object.values(outcome!.model.parameters)) expect(data.every(Number.isFinite)).toBe(true)
  })
})
