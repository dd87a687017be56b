import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presets, type TrainingConfig } from '../../contract/index.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { gatherRows } from '../compute/linear-algebra.ts'
import { predict } from '../evaluation/accuracy.ts'
import { runEszsl } from '../training/eszsl.ts'
import { runIpn } from '../training/ipn.ts'
import { conductHere } from '../training/phase.ts'
import { contextOf, writeEszslModel, writeModel } from '../training/stored-model.ts'
import { tinyDataset } from '../training/testing/tiny-dataset.ts'
import { openClassifier } from './classifier.ts'

const small = {
  hidden: 16,
  attentionWidth: 8,
  edgeNeighbours: 2,
  classesPerEpisode: 5,
  episodes: 30,
  learningRate: 5e-3,
}
const config = (more: Partial<TrainingConfig>): TrainingConfig => ({ ...presets.quick, ...small, holdOuts: 1, ...more })
const signal = new AbortController().signal
const nothing = () => undefined

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'unseen-classifier-'))))
afterAll(() => rm(folder, { recursive: true }))

/** Trains and stores; what the training itself predicts for the test images at γ = 0. */
async function trained(method: 'ipn' | 'eszsl', given: TrainingConfig) {
  const dataset = tinyDataset()
  const engine = createCpuEngine(1)
  const watcher = { step: nothing, heldOut: nothing }
  const conduct = conductHere(engine, () => () => Promise.resolve())
  const common = { dataset, config: given, seed: 3, engine, signal }
  const context = contextOf(tinyDataset(), given)
  if (method === 'ipn') {
    const outcome = (await runIpn({ ...common, conduct, lanes: 1, film: null, from: new Map(), watcher }))!
    await writeModel(folder, outcome.model, context)
    return outcome.measured
  }
  const outcome = (await runEszsl({ ...common, report: nothing }))!
  await writeEszslModel(folder, outcome.model, context)
  return outcome.measured
}

describe('a stored model, for photos that its dataset does not hold', () => {
  it.each([
    ['ipn', 'l2'],
    ['ipn', 'standard'],
    ['ipn', 'none'],
    ['eszsl', 'l2'],
    ['eszsl', 'standard'],
  ] as const)('%s with %s features says what the training said of the same images', async (method, featureScaling) => {
    const given = config({ featureScaling })
    const { images, stacking } = await trained(method, given)
    const classifier = await openClassifier(folder, { method, config: given })
    expect(classifier.dimension).toBe(12)
    expect(classifier.classes.map(({ name }) => name)).toEqual(tinyDataset().classNames)
    expect(classifier.classes.map(({ role }) => role)).toEqual(
      Array.from({ length: 12 }, (_, at) => (at < 9 ? 'seen' : 'unseen')),
    )
    const scores = await classifier.scores(gatherRows(tinyDataset().features!, 12, images))
    const classes = Int32Array.from({ length: 12 }, (_, at) => at)
    expect(predict({ scores, classes })).toEqual(stacking.predictionsAt(0))
    await classifier.release()
  })

  it('says so where the run has none', async () => {
    await expect(openClassifier(join(folder, 'none'), { method: 'ipn', config: config({}) })).rejects.toMatchObject({
      code: 'run/no-model',
    })
  })
})
