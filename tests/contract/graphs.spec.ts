import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBackend } from './opened-backend.ts'
import { smallKnobs, writeTiny } from './tiny.ts'
import { transports } from './transports.ts'

const opened = await openBackend()
const { folder, running } = opened
let dataset: string
let run: string

beforeAll(async () => {
  dataset = await opened.importFolder(await writeTiny(join(folder, 'tiny')))
  const set = { ...smallKnobs, holdOuts: 1, episodes: 60 }
  run = (await running.backend.startTraining({ dataset, device: 'cpu', set })).id
  await opened.ended(run)
}, 60_000)
afterAll(opened.close)

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
      // Without a training image a class has no mean: it stands alone, and nothing is said of how its halves agree.
      both.classes.forEach(({ role }, at) => {
        expect(both.right!.degrees[at] > 0).toBe(role === 'seen')
        expect(Number.isNaN(both.isometry!.divergence[at])).toBe(role !== 'seen')
      })

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
