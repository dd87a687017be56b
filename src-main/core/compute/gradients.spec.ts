import { describe, expect, it } from 'vitest'
import { createCpuEngine } from './onnx/engine.ts'
import type { NamedTensor } from './engine.ts'
import * as x from './expression.ts'
import { gradients } from './gradients.ts'

const engine = createCpuEngine(1)
const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

/** Smooth, positive, and nowhere near the kinks of relu or a comparison. */
function values(shape: readonly number[], seed: number): NamedTensor {
  const data = Float32Array.from({ length: size(shape) }, (_, i) => 1 + 0.4 * Math.sin(1.7 * i + seed))
  return { data, shape }
}

const a = x.parameter('a', [3, 4])
const b = x.parameter('b', [4, 2])
const c = x.parameter('c', [3, 4])
const row = x.parameter('row', [4])
const column = x.parameter('column', [3, 1])
const stack = x.parameter('stack', [2, 3, 4])
const single = x.parameter('single', [4, 1])
const all = [a, b, c, row, column, stack, single]

/** The derivative of every element differs, so that a gradient in the wrong place is a wrong number. */
const total = (y: x.Expression): x.Expression => {
  const axes = y.shape.map((_, axis) => axis)
  return x.reshape(x.sum(x.multiply(y, y), ...axes), [1])
}

const cases: Record<string, x.Expression> = {
  matMul: x.matMul(a, b),
  'matMul, left transposed': x.matMul(a, c, { transposeLeft: true }),
  'matMul, right transposed': x.matMul(a, c, { transposeRight: true }),
  'matMul, both transposed': x.matMul(b, a, { transposeLeft: true, transposeRight: true }),
  'matMul of a stack': x.matMul(stack, b),
  'matMul of a stack with one column': x.matMul(stack, single),
  'add, stretched': x.add(a, row),
  'subtract, stretched both ways': x.subtract(x.reshape(row, [1, 4]), column),
  'multiply, stretched over a stack': x.multiply(stack, row),
  'divide, stretched': x.divide(a, column),
  'relu of both signs': x.relu(x.subtract(a, x.constant(1.01))),
  'relu of all pairs, one column': x.matMul(
    x.relu(x.subtract(x.reshape(a, [3, 1, 4]), x.reshape(x.multiply(c, row), [1, 3, 4]))),
    single,
  ),
  'log, exp, sqrt': x.log(x.add(x.exp(a), x.sqrt(c))),
  softmax: x.softmax(x.scale(a, 3)),
  where: x.where(x.greater(a, c), x.multiply(a, a), x.multiply(c, row)),
  'sum over one axis': x.divide(a, x.sum(a, 0)),
  'sum over two axes': x.multiply(stack, x.sum(stack, 0, 2)),
  transpose: x.matMul(x.transpose(a), column),
  reshape: x.multiply(x.reshape(a, [3, 1, 4]), x.reshape(c, [1, 3, 4])),
  broadcast: x.multiply(x.broadcast(column, [3, 4]), a),
  concat: x.matMul(x.concat([a, c], 0), b),
  slice: x.multiply(x.slice(a, 1, 1, 3), column),
  'a value used twice': x.multiply(x.add(a, c), x.subtract(a, c)),
}

describe('gradients', () => {
  it.each(Object.keys(cases))('agree with central differences: %s', async (name) => {
    const loss = total(cases[name])
    const needed = x.inOrder([loss])
    const parameters = all.filter((one) => needed.includes(one))
    const names = parameters.map(({ operation }) => (operation as { name: string }).name)
    const program = await engine.program({
      loss,
      ...Object.fromEntries(gradients(loss, parameters).map((g, at) => [`d ${names[at]}`, g])),
    })
    const feeds = Object.fromEntries(names.map((one, at) => [one, values(parameters[at].shape as number[], at)]))
    const analytic = await program.run(feeds)
    const h = 1e-2
    for (const one of names) {
      const { data, shape } = feeds[one]
      for (let i = 0; i < data.length; i++) {
        const at = async (shift: number) => {
          const moved = data.slice()
          moved[i] += shift
          return (await program.run({ ...feeds, [one]: { data: moved, shape } })).loss.data[0]
        }
        const numeric = ((await at(h)) - (await at(-h))) / (2 * h)
        const found = analytic[`d ${one}`].data[i]
        expect(Math.abs(found - numeric), `${one}[${i}]: ${found} against ${numeric}`).toBeLessThan(
          5e-3 * Math.max(1, Math.abs(numeric)),
        )
      }
    }
    await program.release()
  })

  it('does not flow through what is declared constant, and is zero where nothing depends', async () => {
    const loss = total(x.multiply(x.stopGradient(a), c))
    const [byA, byB] = gradients(loss, [a, b])
    const program = await engine.program({ byA: byA, byB: byB })
    const result = await program.run({ a: values([3, 4], 0), c: values([3, 4], 1), b: values([4, 2], 2) })
    expect(Math.max(...result.byA.data.map(Math.abs))).toBe(0)
    expect([...result.byB.data]).toEqual(new Array(8).fill(0))
    await program.release()
  })

  it('refuses to differentiate more than one value', () => {
    expect(() => gradients(a, [a])).toThrow(/single value/)
  })
})

describe('expressions', () => {
  it.each([
    ['matMul', () => x.matMul(a, c), /matMul of parameter “a” \[3, 4\], parameter “c” \[3, 4\]: inner sizes 4 and 3/],
    ['add', () => x.add(a, b), /add of .*axis 0 is 3 on one side and 4 on the other/],
    ['reshape', () => x.reshape(a, [5, 2]), /reshape of .* does not fit \[5, 2\]/],
    ['slice', () => x.slice(a, 1, 2, 9), /slice of .*out of range/],
    ['where', () => x.where(a, a, a), /where of .*comparison/],
  ])('%s names the operands whose shapes do not fit, when it is built', (_, build, message) => {
    expect(build).toThrow(message)
  })

  it('leaves named sizes open until it runs', async () => {
    const images = x.input('images', ['B', 4])
    const classes = x.input('classes', ['C', 4])
    const pairs = x.add(x.reshape(images, ['B', 1, 4]), x.reshape(classes, [1, 'C', 4]))
    const scores = x.reshape(x.matMul(pairs, single), ['B', 'C'])
    const program = await engine.program({ scores })
    for (const [B, C] of [
      [1, 1],
      [3, 2],
      [2, 5],
    ] as const) {
      const feeds = { images: values([B, 4], 1), classes: values([C, 4], 2), single: values([4, 1], 3) }
      const result = await program.run(feeds)
      expect(result.scores.shape).toEqual([B, C])
      const expected = [0, 1, 2, 3].reduce(
        (sum, k) => sum + (feeds.images.data[(B - 1) * 4 + k] + feeds.classes.data[k]) * feeds.single.data[k],
        0,
      )
      expect(result.scores.data[(B - 1) * C]).toBeCloseTo(expected, 5)
    }
    await program.release()
  })
})
