import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, explanationSchema } from '../../src-main/contract/index.ts'
import type { RemoteBackend } from '../../src-main/contract/rpc.ts'
import { importColours, photoOf, quickKnobs } from './colours.ts'
import { openBackend, type Classified } from './opened-backend.ts'
import { transports } from './transports.ts'

const opened = await openBackend()
const { folder, running, grantOf } = opened
let dataset: string
const runs = { ipn: '', eszsl: '' }
const looked = {} as Record<keyof typeof runs, Classified>

beforeAll(async () => {
  const { backend } = running
  const imported = await importColours(opened)
  dataset = imported.dataset
  await backend.extractFeatures(imported)
  await writeFile(join(folder, 'new cyan.png'), await photoOf('cyan'))
  for (const method of ['ipn', 'eszsl'] as const) {
    const { id } = await backend.startTraining({ dataset, method, device: 'cpu', set: quickKnobs })
    await opened.ended(id)
    runs[method] = id
    looked[method] = await opened.classified(id, [join(folder, 'new cyan.png')])
  }
}, 180_000)
afterAll(opened.close)

describe.each(Object.keys(transports))('reasons asked for through %s', (name) => {
  let remote: RemoteBackend
  let close: () => Promise<void>
  beforeAll(async () => {
    const transport = await transports[name](running.backend)
    remote = (await transport.open()).remote
    close = async () => {
      remote.close()
      await transport.close()
    }
  })
  afterAll(() => close())

  it.each(['ipn', 'eszsl'] as const)('%s: of a classified photo, they are those of its label', async (method) => {
    const { classification, predictions } = looked[method]
    const { gamma } = classification
    const { ranking } = answer(predictions[0], gamma, classification.confidence)
    const said = await remote.explain({
      ...{ run: runs[method], image: { kind: 'classification', classification: classification.id, photo: 0 }, gamma },
    })
    expect(explanationSchema.parse(said)).toEqual(said)
    expect(said.classes.map(({ name }) => name)).toEqual(classification.classes.map(({ name }) => name))
    expect(said.winner).toBe(ranking[0].class)
    expect(said.runnerUp).toBe(ranking[1].class)
    said.ranking.forEach(({ class: one, score }, at) => {
      expect(one).toBe(ranking[at].class)
      const taken = classification.classes[one].role === 'seen' ? gamma : 0
      expect(score - taken).toBeCloseTo(ranking[at].score, 4)
    })
    const parts = said.contributions.reduce((sum, one) => sum + one.throughWinner + one.throughRunnerUp, 0)
    expect(said.baseline + parts + said.remainder).toBeCloseTo(said.difference, 9)
    expect(said.attributes).toEqual(['red', 'green', 'blue'])
    // A cyan photo among the colours that were trained on: the nearest have green and blue in them.
    expect(said.similar).toHaveLength(8)
    expect(said.similar[0].name).toMatch(/^images\//)
    expect(said.similar[0].cosine).toBeGreaterThanOrEqual(said.similar[7].cosine)
    expect(said.flow === null).toBe(method === 'eszsl')
  })

  it.each(['ipn', 'eszsl'] as const)('%s: of an image of the dataset, against any class', async (method) => {
    const ask = { run: runs[method], image: { kind: 'dataset' as const, image: 3 }, gamma: 0 }
    const first = await remote.explain(ask)
    const against = [...first.classes.keys()].find((one) => one !== first.winner && one !== first.runnerUp)!
    const other = await remote.explain({ ...ask, against })
    expect(other).toMatchObject({ winner: first.winner, runnerUp: against })
    // It is not similar to itself.
    expect(first.similar.map(({ image }) => image)).not.toContain(3)
    await expect(remote.explain({ ...ask, against: first.winner })).rejects.toMatchObject({
      code: 'explain/no-such-class',
    })
    await expect(remote.explain({ ...ask, image: { kind: 'dataset', image: 10_000 } })).rejects.toMatchObject({
      code: 'explain/no-such-image',
    })
  })

  it('are refused where there is nothing to explain', async () => {
    const image = { kind: 'classification' as const, classification: looked.ipn.classification.id, photo: 0 }
    await expect(remote.explain({ run: 'none', image, gamma: 0 })).rejects.toMatchObject({ code: 'run/unknown' })
    await expect(remote.explain({ run: runs.eszsl, image, gamma: 0 })).rejects.toMatchObject({
      code: 'explain/another-run',
    })
    await expect(remote.explain({ run: runs.ipn, image: { ...image, photo: 5 }, gamma: 0 })).rejects.toMatchObject({
      code: 'classify/unknown-photo',
    })
  })
})

describe('when the dataset has changed since the training', () => {
  it('a photo still has its reasons, without similar images; an image of the dataset has none', async () => {
    const { backend } = running
    const { classes } = await backend.getDataset({ dataset })
    const red = classes.find((one) => one.name === 'red')!.index
    await writeFile(join(folder, 'another.png'), await photoOf('red'))
    await backend.addPhotos({ dataset, class: red, grants: [await grantOf(join(folder, 'another.png'))] })
    const { id } = looked.ipn.classification
    const said = await backend.explain({
      ...{ run: runs.ipn, image: { kind: 'classification', classification: id, photo: 0 }, gamma: 0 },
    })
    expect(said.similar).toEqual([])
    expect(said.contributions.length).toBeGreaterThan(0)
    await expect(
      backend.explain({ run: runs.ipn, image: { kind: 'dataset', image: 0 }, gamma: 0 }),
    ).rejects.toMatchObject({ code: 'explain/dataset-changed', next: expect.stringContaining('Train') as string })
  })

  it('a photo that is gone says so', async () => {
    await rm(join(folder, 'new cyan.png'))
    const { id } = looked.ipn.classification
    const ask = { run: runs.ipn, image: { kind: 'classification' as const, classification: id, photo: 0 }, gamma: 0 }
    await expect(running.backend.explain(ask)).rejects.toMatchObject({
      code: expect.stringMatching(/^photo\//) as string,
    })
  })
})
