import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EdgeRule, GraphSpace, TrainingConfig } from '../../contract/index.ts'
import type { Expression } from '../compute/expression.ts'
import { untrainedRun } from '../explanation/testing/untrained-run.ts'
import type { OpenRun } from '../inference/open-run.ts'
import { wholeCast, type Cast } from '../studio/extend-model.ts'
import { writeEvaluation } from '../training/run-folder.ts'
import { createFilm } from './film.ts'
import { graphQuestions } from './questions.ts'

const learned: [GraphSpace, GraphSpace] = ['semantic', 'visual']
const asked = (over: { step?: number; rule?: EdgeRule; spaces?: [GraphSpace, GraphSpace]; cap?: number } = {}) => ({
  ...{ spaces: learned, step: 0, rule: null, cap: 100 },
  ...over,
})
const finished = { episode: null, cast: wholeCast }

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-graphs-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function opened(over: Partial<TrainingConfig> = {}): Promise<OpenRun> {
  const { run } = await untrainedRun(over)
  return { ...run, folder }
}

/** C×C from the edges that are told, with the diagonal. */
function matrix(graph: { edges: { from: Int32Array; to: Int32Array; attention: Float32Array }; self: Float32Array }) {
  const C = graph.self.length
  const values = new Float32Array(C * C)
  graph.self.forEach((one, i) => (values[i * C + i] = one))
  graph.edges.from.forEach((from, at) => (values[from * C + graph.edges.to[at]] = graph.edges.attention[at]))
  return values
}

const near = (found: ArrayLike<number>, expected: ArrayLike<number>, within = 1e-5): void => {
  expect(found.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) expect(Math.abs(found[i] - expected[i]), `at ${i}`).toBeLessThan(within)
}

describe('the graphs of a run', () => {
  it.each([
    { propagationSteps: 2 },
    { propagationSteps: 0 },
    { propagationSteps: 1, edgeRule: 'threshold', edgeDegrees: 60, sharedAttention: true },
  ] satisfies Partial<TrainingConfig>[])('are those of the training step and of the scores: %j', async (over) => {
    const run = await opened(over)
    const classes = Int32Array.from({ length: 12 }, (_, c) => c)
    const { feeds } = await run.scorer.describe(run.model, classes)
    const { steps } = run.network.episode(
      { classes: 12, queries: 1 },
      { beta1: 0, beta2: 0, epsilon: 1, weightDecay: 0 },
    )
    const span = await run.scorer.span(run.model, classes)
    const { twins } = graphQuestions(run)
    for (const [t, { semanticGraph, visualGraph }] of steps.entries()) {
      const outputs: Record<string, Expression> = { semantic: semanticGraph.attention, visual: visualGraph.attention }
      const trained = await (await run.engine.program(outputs)).run(feeds)
      const { left, right, used } = await twins({ ...finished, asked: asked({ step: t }) })
      near(matrix(left!), trained.semantic.data)
      near(matrix(right!), trained.visual.data)
      expect(left!.meanDegree).toBeCloseTo(span.meanDegrees.semantic[t], 6)
      expect(right!.meanDegree).toBeCloseTo(span.meanDegrees.visual[t], 6)
      expect(used).toBe(true)
    }
    const last = over.propagationSteps
    expect((await twins({ ...finished, asked: asked({ step: last }) })).used).toBe(last === 0)
    const outputs = run.network.graphs[0]
    const { projected } = await (await run.program(outputs)).run(feeds)
    const ofScores = await (await run.engine.program(run.network.classes)).run(feeds)
    near(projected.data, ofScores.projected.data)
  })

  it('are looked at by another rule, which changes who is a neighbour and no cosine', async () => {
    const { twins } = graphQuestions(await opened({ propagationSteps: 1 }))
    const own = await twins({ ...finished, asked: asked({ rule: { kind: 'knn', neighbours: 2 } }) })
    expect(own.used).toBe(true)
    const all = await twins({ ...finished, asked: asked({ rule: { kind: 'knn', neighbours: 11 } }) })
    expect(all).toMatchObject({ used: false, rule: { kind: 'knn', neighbours: 11 } })
    expect(all.left).toMatchObject({ meanDegree: 11, death: 'complete' })
    const cosines = new Map(Array.from(all.left!.edges.from, (from, e) => [from * 12 + all.left!.edges.to[e], e]))
    own.left!.edges.from.forEach((from, e) => {
      const there = cosines.get(from * 12 + own.left!.edges.to[e])!
      expect(all.left!.edges.cosine[there]).toBeCloseTo(own.left!.edges.cosine[e], 5)
    })
    const few = await twins({ ...finished, asked: asked({ rule: { kind: 'threshold', degrees: 1 } }) })
    expect(few.left).toMatchObject({ meanDegree: 0, death: 'empty' })
    expect(Array.from(few.left!.self)).toEqual(Array(12).fill(1))
  })

  it('tell of an unseen class that it is its anchor’s twin in the visual graph', async () => {
    const run = await opened({ propagationSteps: 1 })
    const { anchors } = await run.scorer.describe(
      run.model,
      Int32Array.from({ length: 12 }, (_, c) => c),
    )
    const { left, right } = await graphQuestions(run).twins({ ...finished, asked: asked() })
    for (const anchor of anchors) {
      expect(right!.twins.some((group) => group.includes(anchor.class) && group.includes(anchor.from[0].class))).toBe(
        true,
      )
    }
    expect(left!.twins).toEqual([])
  })

  it('are those of what went in, too; an unknown attribute is the mean', async () => {
    const run = await opened()
    const spaces: [GraphSpace, GraphSpace] = ['attributes', 'features']
    const { left, right, used } = await graphQuestions(run).twins({ ...finished, asked: asked({ spaces }) })
    expect(used).toBe(false)
    const { left: raw } = await graphQuestions(run).twins({
      ...finished,
      asked: asked({ spaces, rule: { kind: 'knn', neighbours: 11 } }),
    })
    const row = (c: number) => Array.from(run.model.attributes.subarray(c * 6, c * 6 + 6), (one) => one || 0)
    const dot = (a: number[], b: number[]) => a.reduce((sum, one, k) => sum + one * b[k], 0)
    const e = Array.from(raw!.edges.from).findIndex((from, at) => from === 0 && raw!.edges.to[at] === 5)
    const [a, b] = [row(0), row(5)]
    expect(raw!.edges.cosine[e]).toBeCloseTo(dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), 5)
    expect(left!.meanDegree).toBeGreaterThanOrEqual(2)
    expect(right!.twins.length).toBeGreaterThan(0)
  })

  it('know the classes: their parts, their images, and how well each is told', async () => {
    const run = await opened()
    const perClass = [
      { class: 'class 1', role: 'seen' as const, images: 2, accuracy: 50 },
      { class: 'class 11', role: 'unseen' as const, images: 10, accuracy: 30 },
    ]
    await writeEvaluation(folder, { curve: null, perClass })
    const described = { id: 'mine', name: 'class 1', attributes: new Float32Array(6).fill(0.5), visual: null }
    const cast: Cast = { described: [described], off: ['class 10'] }
    const questions = graphQuestions(run)
    const { classes, left } = await questions.twins({ episode: null, cast, asked: asked() })
    expect(classes).toHaveLength(12)
    expect(classes[1]).toEqual({ name: 'class 1', role: 'seen', images: 10, accuracy: 50 })
    expect(classes[10]).toEqual({ name: 'class 11', role: 'unseen', images: 10, accuracy: 30 })
    expect(classes[11]).toEqual({ name: 'class 1', role: 'yours', images: 0, accuracy: null })
    expect(left!.self).toHaveLength(12)
    // The same person, another slider.
    const moved: Cast = { ...cast, described: [{ ...described, attributes: new Float32Array(6).fill(-0.5) }] }
    const again = await questions.twins({ episode: null, cast: moved, asked: asked() })
    expect(again.left!.edges.cosine).not.toEqual(left!.edges.cosine)
  })

  it('refuse a step that there is not', async () => {
    const { twins, layOut } = graphQuestions(await opened({ propagationSteps: 1 }))
    const missing = { ...finished, asked: { ...asked({ step: 2 }), own: false } }
    for (const ask of [twins, layOut]) {
      await expect(ask(missing)).rejects.toMatchObject({
        code: 'graph/no-such-step',
        next: 'Choose a step from 0 to 1.',
      })
    }
  })
})

describe('the film of a training', () => {
  const classes = Int32Array.from({ length: 12 }, (_, c) => c)
  const filmed = async (run: OpenRun, episodes: readonly number[]) => {
    const film = await createFilm(run.engine, run.run.config, run.widths)
    for (const episode of episodes) {
      await film.frame(run.model, classes, episode)
      await film.write(folder)
    }
    await film.release()
  }

  it('has the graphs of the model as it was, at every step and by any rule', async () => {
    const run = await opened({ propagationSteps: 2 })
    await filmed(run, [100, 200])
    const { twins, film } = graphQuestions(run)
    const kept = await film(null)
    expect(kept.episodes).toEqual([100, 200])
    for (const step of [0, 1, 2]) {
      for (const rule of [null, { kind: 'threshold', degrees: 70 }, { kind: 'knn', neighbours: 4 }] as const) {
        const ask = { ...asked({ step }), rule }
        const [then, now] = [
          await twins({ episode: 200, cast: wholeCast, asked: ask }),
          await twins({ ...finished, asked: ask }),
        ]
        near(matrix(then.left!), matrix(now.left!))
        near(matrix(then.right!), matrix(now.right!))
        expect(then.right!.twins).toEqual(now.right!.twins)
        expect(then.used).toBe(now.used)
        if (step === 1 && rule === null) expect(kept.visualMeanDegrees[1]).toBeCloseTo(now.right!.meanDegree, 5)
      }
    }
    await expect(twins({ episode: 150, cast: wholeCast, asked: asked() })).rejects.toMatchObject({
      code: 'graph/no-such-episode',
      next: 'It kept those of 100, 200.',
    })
  })

  it('goes on where a training was stopped, and is empty where there is none', async () => {
    const run = await opened()
    await filmed(run, [100, 200, 300])
    await filmed(run, [250, 350])
    const { film } = graphQuestions(run)
    expect((await film(null)).episodes).toEqual([100, 200, 250, 350])
    await rm(join(folder, 'film.safetensors'))
    expect(await film(null)).toEqual({ episodes: [], semanticMeanDegrees: [], visualMeanDegrees: [] })
  })
})
