import { describe, expect, it } from 'vitest'
import { presets, type RunSummary } from '../../contract/index.ts'
import { createRandom } from '../random.ts'
import { wholeCast } from '../studio/extend-model.ts'
import { contextOf } from '../training/stored-model.ts'
import { tinyDataset } from '../training/testing/tiny-dataset.ts'
import { scaleAttributes } from '../method/scaling.ts'
import { explainEszsl } from './eszsl.ts'
import { explain } from './explain.ts'

const dataset = tinyDataset()
dataset.attributes[4 * 6] = NaN
const { attributeNames, attributes, seenClasses, features } = dataset
const config = { ...presets.quick, attributeScaling: 'global' as const }
const random = createRandom(3)
const context = contextOf(dataset, config)
const open = {
  ...{ folder: '', run: { config } as RunSummary, dataset: null, context, descriptions: context },
  model: {
    weights: Float32Array.from({ length: 6 * 12 }, () => random.uniform() - 0.5),
    attributes: scaleAttributes(attributes, 6, 'global', seenClasses),
  },
}
const of = (image: number, cast = wholeCast) => explainEszsl(open, cast, features!.slice(image * 12, (image + 1) * 12))

describe('an explanation of ESZSL', () => {
  it('is exact', async () => {
    for (const image of [0, 44, 119]) {
      const { difference, contributions, baseline, remainder, flow } = await explain(of(image), attributeNames, 0, null)
      const sum = contributions.reduce((total, one) => total + one.throughWinner + one.throughRunnerUp, 0)
      expect(baseline + sum + remainder).toBeCloseTo(difference, 12)
      expect(Math.abs(remainder)).toBeLessThan(1e-5)
      expect(flow).toBeNull()
    }
  })

  it('finds the change that flips it, which a line foretells', async () => {
    let found = 0
    for (const image of [0, 31, 62, 93]) {
      const model = of(image)
      const { winner, runnerUp, flip } = await explain(model, attributeNames, 0, null)
      if (!flip) continue
      found++
      const scores = await model.rescored(winner, model.described(winner).with(flip.attribute, flip.to))
      expect(Math.max(...scores)).toBe(scores[flip.winner])
      expect(flip.winner).toBe(runnerUp)
    }
    expect(found).toBeGreaterThan(0)
  })

  it('leaves an attribute that is not known without a part, and takes classes of the person’s', async () => {
    const twin = { id: 't', name: 'twin', attributes: attributes.slice(4 * 6, 5 * 6), visual: null }
    const model = of(5, { described: [twin], off: [] })
    expect(model.scores[12]).toBeCloseTo(model.scores[4], 6)
    expect(model.described(12)).toEqual(model.described(4))
    const { throughFirst, throughSecond } = await model.attribute(4, 12)
    expect(throughFirst[0]).toBe(0)
    throughFirst.forEach((part, k) => expect(part + throughSecond[k]).toBeCloseTo(0, 6))
  })
})
