import { afterEach, describe, expect, it } from 'vitest'
import { benchConfig } from '../../devices/bench-step.ts'
import { installedTensorFlow } from '../../devices/tensorflow/index.ts'
import probeProblem from '../../devices/probe-problem.json' with { type: 'json' }
import { checkGolden, goldenTolerance, parseGoldenProblem } from '../../golden/check.ts'
import { createNetwork, graphFeeds } from '../../method/network.ts'
import { initialise } from '../../method/parameters.ts'
import { createRandom } from '../../random.ts'
import type { Feeds, NamedTensor, TrainerState } from '../engine.ts'
import * as x from '../expression.ts'
import { createCpuEngine } from '../onnx/engine.ts'
import { createTensorFlowEngine } from './engine.ts'
import { loadRuntime } from './runtime.ts'

/** CI adds TensorFlow there first. */
const installed = await installedTensorFlow(process.env.UNSEEN_TEST_ENGINES ?? '')

const values = (shape: readonly number[], seed: number): NamedTensor => ({
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 1 + 0.8 * Math.sin(1.7 * i + seed)),
  shape,
})

const a = x.input('a', [3, 4])
const b = x.input('b', [4, 2])
const c = x.input('c', [3, 4])
const row = x.input('row', [4])
const stack = x.input('stack', [2, 3, 4])
const images = x.input('images', ['B', 4])
const count = x.input('count', [1], 'int64')
const feeds: Feeds = {
  ...{ a: values([3, 4], 0), b: values([4, 2], 1), c: values([3, 4], 2), row: values([4], 3) },
  ...{ stack: values([2, 3, 4], 4), images: values([5, 4], 5), count: { integers: [2] } },
}

const cases: Record<string, x.Expression> = {
  matMul: x.matMul(a, b),
  'matMul, both transposed': x.matMul(b, a, { transposeLeft: true, transposeRight: true }),
  'matMul of a stack': x.matMul(stack, b),
  'matMul of a stack whose size varies': x.matMul(x.subtract(x.reshape(images, ['B', 1, 4]), row), b),
  'add, subtract, multiply, divide, stretched': x.divide(
    x.multiply(x.add(a, row), stack),
    x.subtract(a, x.constant(5)),
  ),
  'greater, greaterOrEqual, where, toFloat': x.where(
    x.greater(a, c),
    x.toFloat(x.greaterOrEqual(a, x.constant(1))),
    x.scale(c, 3),
  ),
  'relu, exp, log, sqrt': x.relu(x.subtract(x.log(x.exp(a)), x.sqrt(c))),
  'gradient of relu': x.multiply(c, x.toFloat(x.greater(x.relu(x.subtract(a, c)), x.constant(0)))),
  'softmax of a stack': x.softmax(stack),
  'sum and max over several axes': x.add(x.sum(stack, 0, 2), x.max(stack, -1)),
  smallestOfTop: x.smallestOfTop(a, count),
  'transpose, concat, slice': x.concat([x.transpose(b), x.slice(a, 0, 1, 3)], 0),
  'reshape and broadcast': x.broadcast(x.reshape(a, [3, 1, 4]), [3, 2, 4]),
  'no axes at all': x.reshape(x.broadcast(x.constant(2), [1]), []),
  'stopGradient of what is fed': x.stopGradient(a),
}

describe.skipIf(installed === null)('TensorFlow (skipped where none is in UNSEEN_TEST_ENGINES)', () => {
  const folder = installed?.folder ?? ''
  const engine = createTensorFlowEngine(folder)
  const held = (): number => loadRuntime(folder).held()
  const heldBefore = installed === null ? 0 : held()
  afterEach(() => {
    expect(held()).toBe(heldBefore)
  })

  it.each(Object.entries(cases))('%s gives what the processor’s engine gives', async (_, output) => {
    const [ours, theirs] = [await engine.program({ output }), await createCpuEngine(1).program({ output })]
    // Twice: what a program keeps between two runs must not change.
    for (let time = 0; time < 2; time++) {
      const [found, expected] = [(await ours.run(feeds)).output, (await theirs.run(feeds)).output]
      expect(found.shape).toEqual(expected.shape)
      found.data.forEach((value, at) => expect(value).toBeCloseTo(expected.data[at], 5))
    }
    await ours.release()
    await theirs.release()
  })

  it('gives the same value under two names, and what is fed, as tensors of their own', async () => {
    const sum = x.add(a, c)
    const program = await engine.program({ sum, again: sum, fed: a })
    const { sum: one, again, fed } = await program.run(feeds)
    expect(one.data).toEqual(again.data)
    expect(fed.data).toEqual((feeds.a as NamedTensor).data)
    await program.release()
  })

  it('solves the golden problem', async () => {
    const errors = await checkGolden(parseGoldenProblem(probeProblem), engine)
    for (const error of Object.values(errors)) expect(error).toBeLessThan(goldenTolerance)
  })

  const sizes = { classes: 6, queries: 12 }
  const widths = { attributes: 10, features: 16 }
  const target = new Float32Array(12 * 6)
  for (let query = 0; query < 12; query++) target[query * 6 + (query % 6)] = 1
  function training(propagationSteps: number) {
    const config = { ...benchConfig('quick'), hidden: 24, attentionWidth: 8, propagationSteps }
    const network = createNetwork(config, widths)
    const batch: Feeds = {
      ...graphFeeds(6, config),
      ...{ centres: values([config.semanticCentres, 10], 1), attributes: values([6, 10], 2) },
      ...{ known: { data: new Float32Array(60).fill(1), shape: [6, 10] }, classMeans: values([6, 16], 3) },
      ...{ images: values([12, 16], 4), target: { data: target, shape: [12, 6] } },
    }
    return {
      graph: network.episode(sizes, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-3 }),
      batch,
      beginning: (): TrainerState => ({
        ...{ step: 0, parameters: initialise(network.parameters, createRandom(1)) },
        ...{ firstMoments: null, secondMoments: null },
      }),
    }
  }

  it.each([
    ['with propagation', 2, 20],
    ['a thousand times', 0, 1000],
  ])(
    'holds after the last step what it held after the first, %s',
    async (_, propagationSteps, count) => {
      const { graph, batch, beginning } = training(propagationSteps)
      const trainer = await engine.trainer(graph, beginning())
      await trainer.step(batch, 1e-3)
      const tensors = held()
      let bytes = 0
      for (let step = 0; step < count; step++) {
        await trainer.step(batch, 1e-3)
        // Allocators have what they need by then.
        if (step === count / 2) bytes = process.memoryUsage.rss()
      }
      expect(held()).toBe(tensors)
      expect(process.memoryUsage.rss() - bytes).toBeLessThan(8e6)
      await trainer.release()
    },
    60_000,
  )

  it('goes on from a copy of its state as if it had not been interrupted, and leaves what it was given alone', async () => {
    const { graph, batch, beginning } = training(2)
    const given = beginning()
    const untouched = structuredClone(given)
    const whole = await engine.trainer(graph, given)
    for (let step = 0; step < 3; step++) await whole.step(batch, 1e-3)
    const copy = await whole.state()
    const kept = structuredClone(copy)
    const resumed = await engine.trainer(graph, copy)
    await whole.totals()
    for (let step = 0; step < 3; step++) for (const each of [resumed, whole]) await each.step(batch, 1e-3)
    expect(await resumed.totals()).toEqual(await whole.totals())
    expect(await resumed.state()).toEqual(await whole.state())
    expect(given).toEqual(untouched)
    expect(copy).toEqual(kept)
    await whole.release()
    await resumed.release()
  })

  it('tells what it cannot do in a sentence, and lets go of everything', async () => {
    const program = await engine.program({ output: x.matMul(x.add(a, c), b) })
    const wrong = program.run({ ...feeds, b: values([5, 2], 0) })
    await expect(wrong).rejects.toMatchObject({
      code: 'device/failed',
      message: /^The device “tensorflow” .*Matrix size/,
    })
    await program.release()
  })
})

describe('TensorFlow that is not there', () => {
  it('says so', async () => {
    await expect(createTensorFlowEngine('/nowhere').program({ output: a })).rejects.toMatchObject({
      code: 'device/failed',
    })
  })
})
