import { beforeAll, describe, expect, it } from 'vitest'
import type { Contribution, TrainingConfig } from '../../contract/index.ts'
import type { Model } from '../inference/scorer.ts'
import { wholeCast, type Cast } from '../studio/extend-model.ts'
import { explain } from './explain.ts'
import { explainIpn } from './ipn.ts'
import { redescribedNetwork } from './redescribed.ts'
import { untrainedRun } from './testing/untrained-run.ts'

const names = Array.from({ length: 6 }, (_, k) => `attribute ${k}`)
/** Every class is every other's neighbour, so that no edge appears on the way. */
const smooth: Partial<TrainingConfig> = { edgeNeighbours: 20 }

async function opened(over: Partial<TrainingConfig> = {}, cast: Cast = wholeCast, change?: (model: Model) => Model) {
  const opened = await untrainedRun(over, change)
  const { run } = opened
  const network = redescribedNetwork(run.network.parameters, run.run.config, run.widths)
  return { of: (at: number) => explainIpn(run, network, cast, opened.image(at)), ...opened }
}

const sumOf = ({ throughWinner, throughRunnerUp }: Contribution): number => throughWinner + throughRunnerUp

let plain: Awaited<ReturnType<typeof opened>>
beforeAll(async () => (plain = await opened()))

describe('an explanation of IPN', () => {
  it.each([
    ['one step', { ...smooth, hidden: 96 }],
    ['two steps', { ...smooth, propagationSteps: 2 }],
    ['no step', { propagationSteps: 0 }],
    ['semantic prototypes only', { ...smooth, prototypes: 'semantic' }],
    ['one projection for both spaces', { ...smooth, sharedAttention: true }],
    ['edges that come and go', { propagationSteps: 2, edgeNeighbours: 2 }],
  ] as const)('adds up, with a small remainder: %s', async (_, over) => {
    const { of } = await opened(over)
    const { difference, baseline, contributions, remainder } = await explain(await of(45), names, 0, null)
    const parts = contributions.map(sumOf)
    expect(parts.reduce((sum, one) => sum + one, baseline) + remainder).toBeCloseTo(difference, 12)
    const range = parts.reduce((sum, one) => sum + Math.abs(one), Math.abs(baseline))
    // The slope breaks where a unit switches; the fewer units, the more each break counts.
    expect(Math.abs(remainder)).toBeLessThan(('hidden' in over ? 0.01 : 0.05) * range)
  })

  it('says nothing of attributes where only photos count, and leaves it all to the baseline', async () => {
    const { of } = await opened({ prototypes: 'visual' })
    const { difference, baseline, contributions, flip } = await explain(await of(3), names, 0, null)
    expect(contributions).toEqual([])
    expect(baseline).toBeCloseTo(difference, 5)
    expect(flip).toBeNull()
  })

  it('gives an attribute that is not known no part', async () => {
    const model = await plain.of(0)
    // Class 11 lacks its last attribute.
    expect(model.described(11)[5]).toBeNaN()
    const { throughFirst, throughSecond } = await model.attribute(0, 11)
    expect(throughSecond[5]).toBe(0)
    expect(throughFirst[5]).not.toBe(0)
  })

  it('has the slopes that finite differences have', async () => {
    const { of, run } = await opened(smooth)
    const model = await of(20)
    const [first, second] = [4, 10]
    const slopes = await model.slopes(first, second)
    const raw = run.descriptions.rawAttributes
    for (let k = 0; k < 6; k++) {
      const column = Array.from({ length: 12 }, (_, one) => raw[one * 6 + k]).filter((one) => !Number.isNaN(one))
      const range = Math.max(...column) - Math.min(...column)
      const step = 1e-2
      const at = async (sign: number) => {
        const scores = await model.rescored(
          first,
          model.described(first).with(k, raw[first * 6 + k] + sign * step * range),
        )
        return scores[first] - scores[second]
      }
      expect(((await at(1)) - (await at(-1))) / (2 * step)).toBeCloseTo(slopes[k], 2)
    }
  })

  it('permutes with the attributes', async () => {
    const order = [3, 0, 5, 1, 4, 2]
    const columns = (rows: Float32Array): Float32Array => rows.map((_, i) => rows[i - (i % 6) + order[i % 6]])
    const plain = await opened(smooth)
    const other = await opened(smooth, wholeCast, (model) => ({
      ...model,
      attributes: columns(model.attributes),
      centres: columns(model.centres),
      parameters: Object.fromEntries(
        Object.entries(model.parameters).map(([name, { data, shape }]) => {
          const H = shape[1]
          const permuted = data.map((_, i) => data[order[Math.floor(i / H)] * H + (i % H)])
          return [name, { data: /^semantic\.\d+\.weight$/.test(name) ? permuted : data, shape }]
        }),
      ),
    }))
    const before = await (await plain.of(30)).attribute(2, 9)
    const after = await (await other.of(30)).attribute(2, 9)
    order.forEach((from, k) => {
      expect(after.throughFirst[k]).toBeCloseTo(before.throughFirst[from], 4)
      expect(after.throughSecond[k]).toBeCloseTo(before.throughSecond[from], 4)
    })
  })

  it('scores as classifying does, also a class that is described as it is', async () => {
    const two = await opened({ propagationSteps: 2 })
    const { of, run } = two
    const classes = Int32Array.from({ length: 12 }, (_, one) => one)
    const span = await run.scorer.span(run.model, classes)
    const expected = await span.scores(two.image(50), Int32Array.of(0))
    const model = await of(50)
    for (const scores of [
      model.scores,
      await model.rescored(10, model.described(10)),
      await model.scoredAnew(10, model.described(10)),
    ]) {
      scores.forEach((score, one) => expect(score).toBeCloseTo(expected[one], 5))
    }
  })

  it('finds the change that flips it: there another class wins, a step before it does not', async () => {
    let found = 0
    for (const image of [0, 15, 33, 48, 71, 95]) {
      const model = await plain.of(image)
      const { winner, flip } = await explain(model, names, 0, null)
      if (flip === null) continue
      found++
      const best = async (value: number) => {
        const scores = await model.scoredAnew(winner, model.described(winner).with(flip.attribute, value))
        return scores.indexOf(Math.max(...scores))
      }
      expect(flip.winner).not.toBe(winner)
      expect(await best(flip.to)).toBe(flip.winner)
      expect(model.described(winner)[flip.attribute]).toBe(flip.from)
    }
    expect(found).toBeGreaterThan(0)
  })

  it('tells whose prototypes flowed in, and whose photos stand in', async () => {
    const { of } = await opened({ propagationSteps: 2 })
    const model = await of(0)
    for (const one of [1, 11]) {
      const { semantic, visual, anchors } = model.flow(one)!
      for (const shares of [semantic, visual]) expect(shares.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
      expect(anchors.map(({ share }) => share)).toEqual(one === 1 ? [] : [1])
    }
    const still = await opened({ propagationSteps: 0 })
    expect((await still.of(0)).flow(3)?.semantic.indexOf(1)).toBe(3)
  })

  it('knows γ’s part, and compares with any class', async () => {
    const model = await plain.of(7)
    const without = await explain(model, names, 0, null)
    const calibrated = await explain(model, names, 1000, null)
    expect(calibrated.classes[calibrated.winner].role).toBe('unseen')
    expect(calibrated.winnerWithoutGamma).toBe(without.winner)
    const against = (without.winner + 5) % 12
    const other = await explain(model, names, 0, against)
    expect(other.runnerUp).toBe(against)
    expect(other.difference).toBeCloseTo(model.scores[without.winner] - model.scores[against], 6)
    for (const none of [without.winner, 12]) {
      await expect(explain(model, names, 0, none)).rejects.toMatchObject({ code: 'explain/no-such-class' })
    }
  })

  it('takes classes of the person’s, with what stands for their photos', async () => {
    const attributes = plain.run.descriptions.rawAttributes.slice(10 * 6, 11 * 6)
    const visual = { anchors: [{ class: 2, weight: 1 }], photos: { mean: new Float32Array(12), weight: 0.25 } }
    const cast = {
      described: [
        { id: 'twin', name: 'twin', attributes, visual: null },
        { id: 'other', name: 'other', attributes, visual },
      ],
      off: ['class 10'],
    }
    const [own, theirs] = [await plain.of(40), await (await opened({}, cast)).of(40)]
    const at = (name: string) => theirs.classes.findIndex((one) => one.name === name)
    expect(theirs.classes.map(({ role }) => role).slice(-2)).toEqual(['yours', 'yours'])
    expect(theirs.described(at('twin'))).toEqual(own.described(10))
    expect(theirs.flow(at('other'))?.anchors).toEqual([{ class: 2, share: 0.75 }])
    expect(theirs.flow(at('twin'))?.anchors).toEqual(own.flow(10)?.anchors)
    const said = await explain(theirs, names, 0, at('twin'))
    expect(said.classes[said.runnerUp]).toEqual({ name: 'twin', role: 'yours' })
  })
})
