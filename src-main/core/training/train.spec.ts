import { describe, expect, it } from 'vitest'
import { AppError, presets } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { createNetwork } from '../method/network.ts'
import { initialise } from '../method/parameters.ts'
import { createRandom } from '../random.ts'
import { tinyDataset } from './testing/tiny-dataset.ts'
import { train } from './train.ts'

const config = { ...presets.quick, hidden: 16, attentionWidth: 8, edgeNeighbours: 2, classesPerEpisode: 5 }
const { features, labels, attributes, splits, seenClasses } = tinyDataset()
const data = {
  ...{
    features: features!,
    featureWidth: 12,
    labels,
    attributes,
    attributeWidth: 6,
    rows: splits.trainval,
    seenClasses,
  },
  centres: attributes.slice(0, 18),
}
const cpu = createCpuEngine(1)

/** Reports of a training of 60 episodes. */
async function reports(engine: Engine) {
  const random = createRandom(1)
  const parameters = initialise(createNetwork(config, { attributes: 6, features: 12 }).parameters, random)
  const start = { step: 0, parameters, firstMoments: null, secondMoments: null }
  const { signal } = new AbortController()
  const said = []
  const training = train({ engine, config, data, episodes: 60, random, start, reportEvery: 25, signal })
  for await (const progress of training) said.push({ ...progress, trainer: null })
  return said
}

describe('a training on a device that keeps its data', () => {
  it('learns the same as one that brings the rows with each step', async () => {
    const [kept, fed] = [await reports({ ...cpu, keepsData: true }), await reports(cpu)]
    expect(kept.map(({ episode }) => episode)).toEqual(fed.map(({ episode }) => episode))
    kept.forEach(({ classification, consistency }, at) => {
      expect(classification).toBeCloseTo(fed[at].classification, 4)
      expect(consistency).toBeCloseTo(fed[at].consistency, 4)
    })
  })

  it('brings the rows after all where the device has no room for them', async () => {
    const full: Engine = {
      ...cpu,
      keepsData: true,
      trainer: (graph, initial, kept = {}) =>
        Object.keys(kept).length > 0
          ? Promise.reject(new AppError('device/does-not-fit', 'It is full.'))
          : cpu.trainer(graph, initial),
    }
    expect(await reports(full)).toEqual(await reports(cpu))
  })
})
