import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { presets, type TrainingConfig } from '../../contract/index.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { framesIn } from '../graphs/film.ts'
import { keepingState, readCheckpoints, type Checkpoints } from './checkpoints.ts'
import { runIpn, type IpnRun, type IpnWatcher } from './ipn.ts'
import { startLanes } from './lanes.ts'
import { conductHere } from './phase.ts'
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

/** Everything that a run says, in order, and where it was when it ended; stops it after `stopAfter` reports if asked to. */
async function watched(given: Partial<IpnRun> & { stopAfter?: number } = {}) {
  const said: unknown[] = []
  const stop = new AbortController()
  const states = new Map(given.from)
  const watcher: IpnWatcher = {
    step: (phase, progress) => {
      said.push([phase.index, progress])
      if (said.length >= (given.stopAfter ?? Infinity)) stop.abort()
    },
    heldOut: (phase, episode, figures) => said.push([phase.index, episode, figures]),
  }
  const engine = given.engine ?? createCpuEngine(1)
  const outcome = await runIpn({
    ...{
      dataset: tinyDataset(),
      config,
      seed: 3,
      engine,
      lanes: 1,
      film: null,
      from: states,
      watcher,
      signal: stop.signal,
    },
    conduct: conductHere(engine, ({ index }) => async (state, last) => {
      if (last) states.set(index, await state())
    }),
    ...given,
  })
  return { said, outcome, states }
}

const kept = (name = ''): Checkpoints => ({ folder: join(folder, name), since: Date.now() })
let undisturbed: ReturnType<typeof watched> | undefined
/** One run for every test that compares with it. */
const whole = () => (undisturbed ??= watched())
const ofPhase = (said: readonly unknown[], index: number) => said.filter((one) => (one as number[])[0] === index)

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'unseen-training-'))))
afterEach(() => rm(folder, { recursive: true }))

describe('a training by the protocol', () => {
  it('learns: unseen classes above chance, judged on held-out classes', async () => {
    const { outcome, said } = await whole()
    expect(outcome!.figures.heldOut.T1).toBeGreaterThan(50) // chance is 33, three hold-outs
    expect(outcome!.figures.graph!.semanticMeanDegree).toBeGreaterThanOrEqual(2)
    expect(outcome!.figures.selection).toContain('No test image was used.')
    const losses = said.flatMap((one) =>
      (one as unknown[]).length === 2 ? [(one as [number, { classification: number }])[1]] : [],
    )
    expect(losses.at(-1)!.classification).toBeLessThan(losses[0].classification / 2)
  })

  it('says the same to the bit with the same seed, and something else with another', async () => {
    const [first, second, other] = [await whole(), await watched(), await watched({ seed: 4 })]
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
    const expected = await whole()
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
    const resumed = await watched({ from: stopped.states })
    expect(new Set([...episodesOf(stopped), ...episodesOf(resumed)])).toEqual(new Set(episodesOf(expected)))
    expect(resumed.outcome!.model.parameters).toEqual(expected.outcome!.model.parameters)
  })

  it.each([3, 9, 17])(
    'stopped at report %i, stored and resumed, ends as if it had never stopped',
    async (stopAfter) => {
      const expected = await whole()
      const engine = createCpuEngine(1)
      const conduct = conductHere(engine, (phase) => keepingState(kept(), phase))
      const stopped = await watched({ stopAfter, conduct })
      expect(stopped.outcome).toBeNull()
      const resumed = await watched({ from: (await readCheckpoints(folder)).from })
      expect([...stopped.said, ...resumed.said].length).toBeGreaterThanOrEqual(expected.said.length)
      expect(resumed.said.at(-1)).toEqual(expected.said.at(-1))
      expect(resumed.outcome!.model.parameters).toEqual(expected.outcome!.model.parameters)
      expect(resumed.outcome!.gamma).toBe(expected.outcome!.gamma)
      expect(resumed.outcome!.measured.plain).toEqual(expected.outcome!.measured.plain)
    },
  )

  it('says the same to the bit in two lanes', { timeout: 20_000 }, async () => {
    const expected = await whole()
    const lanes = await watched({ lanes: 2, conduct: startLanes(2).conduct(kept()) })
    for (const index of [1, 2, 3, 4]) expect(ofPhase(lanes.said, index)).toEqual(ofPhase(expected.said, index))
    expect(lanes.outcome!.model).toEqual(expected.outcome!.model)
    expect(lanes.outcome!.figures).toEqual(expected.outcome!.figures)
    expect(lanes.outcome!.gamma).toBe(expected.outcome!.gamma)
    expect(lanes.outcome!.measured.plain).toEqual(expected.outcome!.measured.plain)
  })

  it('stopped in two lanes, goes on in one as if it had never stopped', { timeout: 20_000 }, async () => {
    const long = { ...config, holdOutEpisodes: 400 }
    const stopped = await watched({ lanes: 2, conduct: startLanes(2).conduct(kept()), stopAfter: 4, config: long })
    expect(stopped.outcome).toBeNull()
    const { from } = await readCheckpoints(folder)
    expect([...from.keys()]).toEqual([1, 2])
    const resumed = await watched({ from, config: long })
    const expected = await watched({ config: long })
    expect(resumed.outcome!.model).toEqual(expected.outcome!.model)
    expect(resumed.outcome!.gamma).toBe(expected.outcome!.gamma)
  })

  it('that fails in one lane ends the other, which keeps its state', { timeout: 20_000 }, async () => {
    const long = { ...config, holdOutEpisodes: 20_000 }
    const conduct = startLanes(2).conduct(kept())
    const failing = watched({
      lanes: 2,
      config: long,
      conduct: (input, ...rest) => {
        const wild = { ...long, learningRate: 1e30 }
        return conduct(input.phase.index === 2 ? { ...input, config: wild } : input, ...rest)
      },
    })
    await expect(failing).rejects.toMatchObject({ code: 'training/diverged' })
    expect([...(await readCheckpoints(folder)).from.keys()]).toEqual([1])
  })

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
    const { outcome } = await whole()
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
    const expected = await whole()
    expect(outcome!.measured).toMatchObject({ T1: null, plain: { U: null, H: null }, ausuc: null })
    expect(outcome!.measured.plain.S).toBe(expected.outcome!.measured.plain.S)
    expect(outcome!.figures).toEqual(expected.outcome!.figures)
    expect(outcome!.gamma).toBe(expected.outcome!.gamma)
  })

  it('tells of every held-out class how well it was told apart, and what its first photos would bring', async () => {
    const { heldOutClasses, firstPhotos, heldOut } = (await whole()).outcome!.figures
    expect(heldOutClasses.map(({ holdOut }) => holdOut)).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3])
    for (const { images, nearest, class: name } of heldOutClasses) {
      expect(images).toBe(8)
      expect(Math.abs(nearest)).toBeLessThan(1 + 1e-6)
      expect(name).toMatch(/^class [0-8]$/)
    }
    const mean = heldOutClasses.reduce((sum, { accuracy }) => sum + accuracy, 0) / 9
    expect(Math.abs(mean - heldOut.U)).toBeLessThan(25) // each at its own γ here, at that of the others there
    expect(firstPhotos).toMatchObject({ classes: 9 })
    const curve = firstPhotos!.curve.map(({ mean }) => mean)
    expect(firstPhotos!.curve.map(({ photos }) => photos)).toEqual([0, 1, 2, 5])
    expect(curve[3]).toBeGreaterThan(curve[0])
  })

  it('keeps a film of its graphs, to which a resumed training adds', async () => {
    const { seenClasses, unseenClasses } = tinyDataset()
    const classes = Int32Array.from([...seenClasses, ...unseenClasses])
    const stopAfter = 3 * (7 + 6) + 4 // reports and looks of the hold-outs, then of the final training
    const stopped = await watched({ film: folder, stopAfter })
    expect((await framesIn(folder, classes)).map(({ episode }) => episode)).toEqual([0, 25, 50, 75])
    await watched({ film: folder, from: stopped.states })
    const film = await framesIn(folder, classes)
    expect(film.map(({ episode }) => episode)).toEqual([0, 25, 50, 75, 100, 125, 150])
    expect(film[0].semantic).not.toEqual(film[6].semantic)
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
