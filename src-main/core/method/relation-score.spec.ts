import { describe, expect, it } from 'vitest'
import { presets } from '../../contract/index.ts'
import type { NamedTensor } from '../compute/engine.ts'
import { input, inOrder, multiply, parameter, reshape, sum } from '../compute/expression.ts'
import { gradients } from '../compute/gradients.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { createParameters, parameterName } from './parameters.ts'
import { relationScores, relativeScores } from './relation-score.ts'

const [B, C, D, H] = [7, 3, 5, 4]
const pairBytes = 4 * B * C * H
const parameters = createParameters({ ...presets.quick, hidden: H }, { attributes: 2, features: D })
const projected = parameter('projected', [C, H])
const { image, outWeight } = parameters.relation
const learned = [image, outWeight, projected]

/** Of both signs, so that relu is 0 for some pairs. */
const values = (shape: readonly number[], seed: number): NamedTensor => ({
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1.7 * i + seed)),
  shape,
})

/** Scores, and the gradients of a loss in which every score counts differently. */
function graph(limit?: number) {
  const scores = relativeScores(parameters, input('images', [B, D]), projected, limit)
  const loss = reshape(sum(multiply(multiply(scores, scores), input('weights', [B, C])), 0, 1), [1])
  const byParameter = gradients(loss, learned)
  return { scores, ...Object.fromEntries(learned.map((x, at) => [`d ${parameterName(x)}`, byParameter[at]])) }
}

async function run(limit?: number) {
  const program = await createCpuEngine(1).program(graph(limit))
  const feeds = { images: values([B, D], 1), weights: values([B, C], 2) }
  const held = learned.map((x, at) => [parameterName(x), values(x.shape as number[], 3 + at)] as const)
  const result = await program.run({ ...feeds, ...Object.fromEntries(held) })
  await program.release()
  return result
}

const largest = (limit?: number): number =>
  Math.max(...inOrder(Object.values(graph(limit))).map(({ shape }) => 4 * shape.reduce<number>((a, b) => a * +b, 1)))

describe('relation scores of a training step', () => {
  it.each([
    ['in two pieces', pairBytes - 1, pairBytes * (4 / 7)],
    ['in uneven pieces', pairBytes * (3 / 7), pairBytes * (3 / 7)],
    ['image by image where not even one fits', 1, pairBytes / 7],
  ])('are the same, and so are their gradients, %s', async (_, limit, expected) => {
    // The images' own matrices do not grow with the number of pairs.
    expect(largest(limit)).toBeLessThanOrEqual(Math.max(expected, 4 * B * D))
    const [whole, pieces] = [await run(), await run(limit)]
    for (const [name, { data, shape }] of Object.entries(whole)) {
      expect(pieces[name].shape).toEqual(shape)
      data.forEach((value, at) => expect(pieces[name].data[at], `${name}[${at}]`).toBeCloseTo(value, 5))
    }
  })

  it('stay in one piece at usual sizes, and where the sizes are not known', () => {
    expect(largest()).toBe(pairBytes)
    const kinds = (expression: Parameters<typeof inOrder>[0][number]) =>
      inOrder([expression]).map(({ operation }) => operation.kind)
    expect(kinds(graph().scores)).not.toContain('concat')
    expect(kinds(relationScores(parameters, input('images', ['B', D]), input('projected', ['C', H])))).not.toContain(
      'concat',
    )
  })
})
