import { describe, expect, it } from 'vitest'
import { createEngine } from '../../devices/engines.ts'
import { createRandom } from '../../random.ts'
import { createLens } from '../lens.ts'
import type { SidedGraph } from '../twins.ts'
import { layOut } from './index.ts'
import { turnedTowards } from './turn.ts'

const lens = createLens(createEngine('cpu'), 10)

/** `groups` bundles of directions, ten classes each. */
async function bundles(groups: number, seed: number): Promise<SidedGraph> {
  const random = createRandom(seed)
  const W = 16
  const middles = Float32Array.from({ length: groups * W }, () => random.uniform() - 0.5)
  const rows = Float32Array.from(
    { length: 10 * groups * W },
    (_, i) => middles[(Math.floor(i / W) % groups) * W + (i % W)] + 0.2 * (random.uniform() - 0.5),
  )
  return { space: 'semantic', ...(await lens.look(rows, 10 * groups, { kind: 'knn', neighbours: 5 })) }
}

describe('a layout', () => {
  it('keeps bundles together, fills the square and names the bundles', async () => {
    const left = await bundles(4, 1)
    const { shared, clusters } = layOut({ left, right: null }, 40, false)
    for (let i = 0; i < 40; i++) expect(clusters[i]).toBe(clusters[i % 4])
    expect(new Set(clusters).size).toBe(4)
    expect(Math.max(...shared)).toBeCloseTo(1, 5)
    expect(Math.min(...shared)).toBeCloseTo(-1, 5)
    const apart = (i: number, j: number) =>
      Math.hypot(shared[2 * i] - shared[2 * j], shared[2 * i + 1] - shared[2 * j + 1])
    const mean = (same: boolean) => {
      const found: number[] = []
      for (let i = 0; i < 40; i++) for (let j = 0; j < i; j++) if ((i % 4 === j % 4) === same) found.push(apart(i, j))
      return found.reduce((a, b) => a + b) / found.length
    }
    expect(mean(true)).toBeLessThan(0.6 * mean(false))
  })

  it('is the same for the same graphs, and each has its own near the shared one', async () => {
    const pair = { left: await bundles(3, 2), right: await bundles(3, 3) }
    const first = layOut(pair, 30, true)
    expect(layOut(pair, 30, true)).toEqual(first)
    expect(first.left).not.toEqual(first.right)
    expect(layOut(pair, 30, false)).toEqual({ ...first, left: null, right: null })
  })

  it('lays out few classes, and twins apart', async () => {
    for (const C of [0, 1, 2]) {
      const rows = new Float32Array(C * 3).fill(1)
      const left: SidedGraph | null =
        C === 0 ? null : { space: 'semantic', ...(await lens.look(rows, C, { kind: 'knn', neighbours: 5 })) }
      const { shared } = layOut({ left, right: null }, C, false)
      expect(shared).toHaveLength(2 * C)
      expect(shared.every(Number.isFinite)).toBe(true)
      if (C === 2) expect(shared.slice(0, 2)).not.toEqual(shared.slice(2))
    }
  })

  it('is turned and mirrored back onto another', () => {
    const target = Float64Array.of(0, 0, 1, 0, 0, 2, -3, 1)
    const turned = target.map((_, i) => (i % 2 === 0 ? 2 * target[i + 1] + 5 : 2 * target[i - 1] - 1))
    const middle = [-0.5, 0.75]
    turnedTowards(turned, target).forEach((value, i) => expect(value).toBeCloseTo(target[i] - middle[i % 2], 10))
  })
})
