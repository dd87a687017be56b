import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Engine, Feeds } from '../compute/engine.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import probeProblem from '../devices/probe-problem.json' with { type: 'json' }
import { checkGolden, goldenTolerance, parseGoldenProblem } from './check.ts'

const engine = createCpuEngine(1)
const folder = join(import.meta.dirname, '../../../../shared/golden')
const problem = () => structuredClone(probeProblem)

describe('golden check', () => {
  it('the processor solves the project’s own problem', async () => {
    const errors = await checkGolden(parseGoldenProblem(problem()), engine)
    for (const error of Object.values(errors)) expect(error).toBeLessThan(goldenTolerance / 10)
  })

  it('takes rows from what an engine keeps as its trainings do, and notices one that takes the wrong ones', async () => {
    const keeping = (numbered: (numbers: readonly number[]) => number[]): Engine => ({
      ...engine,
      keepsData: true,
      trainer: async (...given) => {
        const trainer = await engine.trainer(...given)
        const taken = (feeds: Feeds): Feeds => {
          if (!('imageRows' in feeds)) return feeds
          const { integers } = feeds.imageRows as { integers: readonly number[] }
          return { ...feeds, imageRows: { integers: numbered(integers) } }
        }
        return {
          ...trainer,
          step: (feeds, rate) => trainer.step(taken(feeds), rate),
          gradients: (feeds) => trainer.gradients(taken(feeds)),
        }
      },
    })
    const right = await checkGolden(
      parseGoldenProblem(problem()),
      keeping((numbers) => [...numbers]),
    )
    for (const error of Object.values(right)) expect(error).toBeLessThan(goldenTolerance / 10)
    // As a driver would that takes the last row once more.
    const wrong = await checkGolden(
      parseGoldenProblem(problem()),
      keeping((numbers) => [...numbers.slice(1), numbers.at(-1)!]),
    )
    expect(wrong.forward).toBe(right.forward)
    expect(wrong.gradients).toBeGreaterThan(goldenTolerance)
    expect(wrong.adam).toBeGreaterThan(goldenTolerance)
  })

  it('notices a wrong forward pass, gradient, Adam step, score, anchor, percentage and area', async () => {
    const wrong = problem()
    wrong.forward.steps[1].visualAttention[0][0] += 1e-3
    wrong.gradients['visual.bias'][2] *= 1.01
    wrong.afterThreeAdamSteps.parameters['attention.visual'][1][1] += 1e-3
    const errors = await checkGolden(parseGoldenProblem(wrong), engine)
    expect(errors.forward).toBeGreaterThan(goldenTolerance)
    expect(errors.gradients).toBeGreaterThan(goldenTolerance)
    expect(errors.adam).toBeGreaterThan(goldenTolerance)

    const breaks: ((of: ReturnType<typeof problem>) => void)[] = [
      (of) => (of.evaluation.scores[3][1] += 0.01),
      (of) => (of.evaluation.anchors[0] = (of.evaluation.anchors[0] + 1) % 6),
      (of) => (of.evaluation.calibrated[1].S += 0.1),
      (of) => (of.evaluation.ausuc += 0.001),
      (of) => (of.evaluation.T1 += 1),
    ]
    for (const change of breaks) {
      const changed = problem()
      change(changed)
      expect((await checkGolden(parseGoldenProblem(changed), engine)).evaluation).toBeGreaterThan(goldenTolerance)
    }
  })

  // `npm run golden` takes all of them; these two have either rule of edges, and the graphs of more than one step.
  it.skipIf(!existsSync(folder)).each(['threshold-two-steps', 'knn-mse-missing'])(
    'the graphs of training and those that are drawn are the ones of %s (needs ../shared/golden)',
    async (name) => {
      const golden: unknown = JSON.parse(await readFile(join(folder, `${name}.json`), 'utf8'))
      expect((await checkGolden(parseGoldenProblem(golden), engine)).forward).toBeLessThan(goldenTolerance / 10)
    },
  )

  it.each([null, [], {}, { ...probeProblem, forward: { ...probeProblem.forward, steps: [] } }])(
    'refuses what is no golden file: %#',
    (value) => {
      expect(() => parseGoldenProblem(value)).toThrow(/not a golden file/)
    },
  )
})
