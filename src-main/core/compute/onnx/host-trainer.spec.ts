import { describe, expect, it } from 'vitest'
import type { NamedTensor, NamedTensors } from '../engine.ts'
import { input, matMul, multiply, parameter, reshape, sum } from '../expression.ts'
import { gradients } from '../gradients.ts'
import { parameterName } from '../../method/parameters.ts'
import { createCpuEngine } from './engine.ts'

const values = (rows: number, columns: number, seed: number): NamedTensor => ({
  data: Float32Array.from({ length: rows * columns }, (_, i) => Math.sin(1.7 * i + seed)),
  shape: [rows, columns],
})

/** Of two large, wide matrices only one is a first layer, and held transposed; of the other a gradient passes on. */
const [B, K, narrow, wide] = [2, 256, 256, 1024]
const x = input('x', [B, K])
const matrices = [
  parameter('first, wide', [K, wide]),
  parameter('first, narrow', [K, narrow]),
  parameter('second, wide', [narrow, wide]),
]
const product = multiply(matMul(x, matrices[0]), matMul(matMul(x, matrices[1]), matrices[2]))
const loss = reshape(sum(multiply(product, product), 0, 1), [1])
const parameters = Object.fromEntries(
  matrices.map((matrix, at) => [parameterName(matrix), values(...(matrix.shape as [number, number]), at)]),
)
const feeds = { x: values(B, K, 3) }
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }
const graph = { loss, parameters: matrices, outputs: { loss }, adam }
const cpu = createCpuEngine(1)

function expectClose(found: NamedTensors, expected: NamedTensors): void {
  expect(Object.keys(found)).toEqual(Object.keys(expected))
  for (const [name, { data, shape }] of Object.entries(expected)) {
    expect(found[name].shape).toEqual(shape)
    const largest = (of: Float32Array) => of.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    expect(largest(data.map((value, at) => value - found[name].data[at])) / largest(data), name).toBeLessThan(1e-5)
  }
}

describe('training on the processor with wide matrices', () => {
  it('gives gradients and state as they were described, however it holds them', async () => {
    const trainer = await cpu.trainer(graph, { step: 0, parameters, firstMoments: null, secondMoments: null })
    const named = gradients(loss, matrices).map((by, at) => [`by ${parameterName(matrices[at])}`, by] as const)
    const program = await cpu.program(Object.fromEntries(named))
    const found = await program.run({ ...feeds, ...parameters })
    const expected = Object.fromEntries(Object.keys(parameters).map((name) => [name, found[`by ${name}`]]))
    expectClose(await trainer.gradients(feeds), expected)
    expect((await trainer.state()).parameters).toEqual(parameters)

    await trainer.step(feeds, 1e-3)
    const state = await trainer.state()
    const scaled = (factor: number) =>
      Object.fromEntries(
        Object.entries(expected).map(([name, { data, shape }]) => [name, { data: data.map((g) => factor * g), shape }]),
      )
    expectClose(state.firstMoments!, scaled(1 - adam.beta1))

    const resumed = await cpu.trainer(graph, state)
    const before = (await trainer.totals()).loss.data[0]
    for (const each of [trainer, resumed]) await each.step(feeds, 1e-3)
    expect(await resumed.state()).toEqual(await trainer.state())

    // Two steps, from the two states that one step each was told of.
    const one = (await resumed.totals()).loss.data[0]
    const again = await cpu.trainer(graph, { step: 0, parameters, firstMoments: null, secondMoments: null })
    for (let step = 0; step < 2; step++) await again.step(feeds, 1e-3)
    expect((await again.totals()).loss.data[0] / (before + one)).toBeCloseTo(1, 6)
    expect((await again.totals()).loss.data[0]).toBe(0)
    await Promise.all([program.release(), trainer.release(), resumed.release(), again.release()])
  })
})
