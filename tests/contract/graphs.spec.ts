import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import { npyFloats, npyIntegers } from '../../src-main/core/datasets/testing/folders.ts'
import { tinyDataset } from '../../src-main/core/training/testing/tiny-dataset.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'
import { transports } from './transports.ts'

let folder: string
let running: RunningBackend
let dataset: string
let run: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-graphs-'))
  running = await createBackend({
    workspace: join(folder, 'workspace'),
    host: 'cli',
    version: '0.0.0',
    log: () => undefined,
    spawnJob: nodeSpawnJob(new URL('../../src-main/hosts/node/job-process.ts', import.meta.url)),
  })
  dataset = await importTiny()
  const set = { hidden: 16, attentionWidth: 8, edgeNeighbours: 2, classesPerEpisode: 5, holdOuts: 1, episodes: 60 }
  run = (await running.backend.startTraining({ dataset, device: 'cpu', set })).id
  const ended = async () => (await running.backend.getRun({ run })).state !== 'running'
  await vi.waitUntil(ended, { timeout: 50_000, interval: 50 })
}, 60_000)
afterAll(async () => {
  await running.close()
  await rm(folder, { recursive: true, force: true })
})

async function importTiny(): Promise<string> {
  const { features, labels, attributes, attributeNames, classNames, splits, manifest } = tinyDataset()
  const path = join(folder, 'tiny')
  await mkdir(path)
  const K = attributeNames.length
  const rows = classNames.map((name, c) => [name, ...attributes.subarray(c * K, (c + 1) * K)].join())
  const lists = { trainval: splits.trainval, testSeen: splits.testSeen, testUnseen: splits.testUnseen }
  await writeFile(join(path, 'features.npy'), npyFloats([labels.length, manifest.counts.features!], [...features!]))
  await writeFile(join(path, 'labels.npy'), npyIntegers([...labels]))
  await writeFile(join(path, 'attributes.csv'), `${['class', ...attributeNames].join()}\n${rows.join('\n')}\n`)
  await writeFile(
    join(path, 'splits.json'),
    JSON.stringify(Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, [...list]]))),
  )
  const grant = await running.grants.add(path)
  const report = await running.backend.inspectDataset({ grants: [grant.id] })
  return (await running.backend.importDataset({ report: report.id })).id
}

describe.each(Object.keys(transports))('graphs over %s', (name) => {
  it('of a run, of a dataset, at a kept state, and as files', async () => {
    const transport = await transports[name](running.backend)
    const { remote } = await transport.open()
    try {
      const of = { kind: 'run', run } as const
      const twins = await remote.getTwins({ of })
      expect(twins.classes).toHaveLength(12)
      expect(twins).toMatchObject({ used: true, missing: null, propagationSteps: 1 })
      expect(twins.left!.edges.from).toBeInstanceOf(Int32Array)
      expect(twins.isometry!.divergence).toHaveLength(12)
      const { shared, clusters } = await remote.layOutTwins({ of })
      expect([shared.length, clusters.length]).toEqual([24, 12])

      const film = await remote.getGraphFilm({ run })
      for (const episode of film.episodes.slice(0, 1)) {
        expect((await remote.getTwins({ of: { ...of, episode } })).classes).toHaveLength(12)
      }

      const data = await remote.getTwins({ of: { kind: 'dataset', dataset } })
      expect(data.left!.space).toBe('attributes')
      expect(data).toMatchObject({ right: null, missing: 'The visual graph is learned: train on “tiny” to see it.' })
      const spaces: ['attributes', 'features'] = ['attributes', 'features']
      const both = await remote.getTwins({ of: { kind: 'dataset', dataset }, spaces })
      expect(both.right!.space).toBe('features')

      const file = await remote.exportTwins({ of, format: 'svg', positions: shared })
      expect(file.name).toBe('tiny-semantic-visual-step-0.svg')
      expect(new TextDecoder().decode(file.bytes)).toMatch(/^<svg /)
    } finally {
      await transport.close()
    }
  })
})

describe('a class that a person describes', () => {
  const of = () => ({ kind: 'run', run }) as const
  const mine = 12 // index behind the run's own

  /** Whom it attends to most in either graph. */
  async function nearest(): Promise<{ class: string; cosine: number }[]> {
    const { classes, left, right } = await running.backend.getTwins({ of: of() })
    expect(classes).toHaveLength(mine + 1)
    expect(classes[mine]).toEqual({ name: 'mine', role: 'yours', images: 0, accuracy: null })
    return [left!.edges, right!.edges].map(({ from, to, cosine }) => {
      const edge = from.indexOf(mine)
      return { class: classes[to[edge]].name, cosine: cosine[edge] }
    })
  }

  it('is in both graphs at once, and moves in both while its sliders move', async () => {
    const { backend } = running
    const { classes, rows } = await backend.getClassGuide({ run })
    const rowOf = (at: number) => rows.values.slice(at * rows.columns, (at + 1) * rows.columns)
    const [one, other] = classes.flatMap(({ role }, at) => (role === 'seen' ? [at] : []))

    await backend.editClasses({
      run,
      edits: [{ kind: 'add-class', id: 'mine', name: 'mine', attributes: rowOf(one) }],
    })
    // Who is described like a seen class has its prototypes, the means of its images among them.
    for (const found of await nearest()) {
      expect(found.class).toBe(classes[one].name)
      expect(found.cosine).toBeCloseTo(1, 5)
    }
    const { shared } = await backend.layOutTwins({ of: of() })
    expect(shared).toHaveLength(2 * (mine + 1))

    // Slider by slider until it is the other one; every movement is answered.
    const cosines: number[] = []
    for (const [attribute, value] of rowOf(other).entries()) {
      await backend.editClasses({
        run,
        edits: [{ kind: 'set-attributes', class: 'mine', cells: [{ attribute, value }] }],
      })
      cosines.push((await nearest())[0].cosine)
    }
    expect(Math.min(...cosines)).toBeLessThan(0.999)
    for (const found of await nearest()) {
      expect(found.class).toBe(classes[other].name)
      expect(found.cosine).toBeCloseTo(1, 5)
    }

    expect((await backend.getTwins({ of: { ...of(), yours: false } })).classes).toHaveLength(mine)
    await backend.editClasses({ run, edits: [{ kind: 'switch', classes: ['mine'], on: false }] })
    expect((await backend.getTwins({ of: of() })).classes).toHaveLength(mine)
  })
})

describe('graphs that there are not', () => {
  it.each([
    [{ of: { kind: 'run', run: 'nobody' } }, 'run/unknown'],
    [{ of: { kind: 'dataset', dataset: 'nothing' } }, 'dataset/unknown'],
    [{ of: { kind: 'dataset', dataset: 'tiny' }, step: 1 }, 'graph/no-such-step'],
  ] as const)('%j is told as %s', async (question, code) => {
    await expect(running.backend.getTwins(question)).rejects.toMatchObject({ code })
    await expect(running.backend.layOutTwins(question)).rejects.toMatchObject({ code })
    await expect(running.backend.exportTwins({ ...question, format: 'csv' })).rejects.toMatchObject({ code })
  })

  it('of an episode that was not kept', async () => {
    const of = { kind: 'run', run, episode: 17 } as const
    await expect(running.backend.getTwins({ of })).rejects.toMatchObject({ code: 'graph/no-such-episode' })
  })
})
