import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { presets, type TrainingConfig } from '../../contract/index.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { predict } from '../evaluation/accuracy.ts'
import { openClassifier } from '../inference/classifier.ts'
import { runEszsl } from '../training/eszsl.ts'
import { runIpn } from '../training/ipn.ts'
import { conductHere } from '../training/phase.ts'
import { contextOf, writeEszslModel, writeModel } from '../training/stored-model.ts'
import { tinyDataset } from '../training/testing/tiny-dataset.ts'
import type { Cast } from './extend-model.ts'

const small = { hidden: 16, attentionWidth: 8, edgeNeighbours: 2, classesPerEpisode: 5, episodes: 30, holdOuts: 1 }
const { attributes, attributeNames, classNames, features, unseenClasses } = tinyDataset()
const K = attributeNames.length
const rowOf = (one: number): Float32Array => attributes.slice(one * K, (one + 1) * K)

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'unseen-extend-'))))
afterAll(() => rm(folder, { recursive: true }))

async function trained(method: 'ipn' | 'eszsl', config: TrainingConfig): Promise<void> {
  const engine = createCpuEngine(1)
  const common = { dataset: tinyDataset(), config, seed: 3, engine }
  const { signal } = new AbortController()
  const nothing = () => undefined
  const context = contextOf(tinyDataset(), config)
  if (method === 'eszsl') {
    const outcome = (await runEszsl({ ...common, signal, report: nothing }))!
    return writeEszslModel(folder, outcome.model, context)
  }
  const how = { conduct: conductHere(engine, () => () => Promise.resolve()), lanes: 1, film: null, from: new Map() }
  const outcome = (await runIpn({ ...common, ...how, signal, watcher: { step: nothing, heldOut: nothing } }))!
  return writeModel(folder, outcome.model, context)
}

/** Scores of all images by the name of the class, and the names that they are given. */
async function scored(run: { method: 'ipn' | 'eszsl'; config: TrainingConfig }, cast?: Cast) {
  const classifier = await openClassifier(folder, run, cast)
  const scores = await classifier.scores(features!.slice())
  const { classes } = classifier
  await classifier.release()
  const C = classes.length
  const labels = predict({ scores, classes: Int32Array.from(classes.keys()) })
  return {
    roles: new Map(classes.map(({ name, role }) => [name, role])),
    labels: Array.from(labels, (at) => classes[at].name),
    column: (name: string): Float32Array => {
      const at = classes.findIndex((one) => one.name === name)
      return scores.filter((_, i) => i % C === at)
    },
  }
}

describe('an unseen class that is taken away and described again by its row', () => {
  it.each([
    ['ipn', 'l2', 'global'],
    ['ipn', 'standard', 'column'],
    ['ipn', 'none', 'unit'],
    ['ipn', 'l2', 'raw'],
    ['eszsl', 'l2', 'global'],
  ] as const)(
    '%s, %s features, %s attributes: gives all images the same labels and scores',
    async (method, featureScaling, attributeScaling) => {
      const run = { method, config: { ...presets.quick, ...small, featureScaling, attributeScaling } }
      await trained(method, run.config)
      const before = await scored(run)
      for (const one of unseenClasses) {
        const name = classNames[one]
        const after = await scored(run, {
          described: [{ id: 'mine', name, attributes: rowOf(one), visual: null }],
          off: [name],
        })
        expect(after.roles.get(name)).toBe('yours')
        expect(after.roles.size).toBe(classNames.length)
        expect(after.labels).toEqual(before.labels)
        for (const other of classNames) {
          const [expected, found] = [before.column(other), after.column(other)]
          for (const [at, score] of expected.entries()) expect(Math.abs(found[at] - score)).toBeLessThan(1e-5)
        }
      }
    },
  )
})
