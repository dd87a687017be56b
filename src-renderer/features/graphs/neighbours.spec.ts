import { describe, expect, it } from 'vitest'
import { layout, twins } from '../../testing/fake-graphs.ts'
import { islands } from './islands.ts'
import { neighbourhoods, within } from './neighbours.ts'
import { linesOf } from './picture/lines.ts'
import { disagreements, pictureName } from './rows.ts'
import { walk } from './walk.ts'

const { left, right } = twins()
const semantic = neighbourhoods(left!, 4)

describe('neighbours', () => {
  it('are those a class attends to, the nearest first; around it are those who attend to it as well', () => {
    expect(semantic.of(0).map((one) => one.class)).toEqual([1, 2])
    expect(semantic.of(3)).toEqual([])
    expect(semantic.around(1).map((one) => one.class)).toEqual([0, 2])
    expect(semantic.around(3).map((one) => one.class)).toEqual([2])
  })

  it('reach as many edges far as is asked, in any of the graphs', () => {
    expect([...within([left!], 4, 3, 1)]).toEqual([0, 0, 1, 1])
    expect([...within([left!], 4, 3, 2)]).toEqual([1, 1, 1, 1])
    expect([...within([left!, right!], 4, 3, 1)]).toEqual([1, 0, 1, 1])
  })
})

describe('walking', () => {
  const { shared } = layout()
  const order = [0, 1, 2, 3]
  const go = (key: string, at: number) => walk(key, at, semantic.around(at), shared, order)

  it('follows edges in the direction of the arrow, the strongest first, and stays where there is none', () => {
    expect(go('ArrowRight', 0)).toBe(1)
    expect(go('ArrowLeft', 1)).toBe(0)
    expect(go('ArrowRight', 2)).toBe(3)
    expect(go('ArrowLeft', 0)).toBe(0)
    expect(go('ArrowUp', 1)).toBe(1)
  })

  it('reaches every class through the list, and knows no other keys', () => {
    expect(go('Home', 2)).toBe(0)
    expect(go('End', 0)).toBe(3)
    expect(go('PageDown', 0)).toBe(1)
    expect(go('PageUp', 0)).toBe(0)
    expect(go('x', 0)).toBeNull()
  })

  it('does not lead to classes that are hidden', () => {
    expect(walk('ArrowRight', 0, semantic.around(0), shared, [0, 2])).toBe(2)
  })
})

describe('tables', () => {
  it('tell each edge of either space once, the worst disagreement first', () => {
    const all = disagreements(linesOf(left!, 4, true), linesOf(right!, 4, true), 4)
    expect(all.map(({ a, b, where }) => [a, b, where])).toEqual([
      [0, 2, 'left'],
      [0, 3, 'right'],
      [0, 1, 'both'],
      [1, 2, 'both'],
      [2, 3, 'left'],
    ])
    expect(all[1]).toMatchObject({ left: expect.closeTo(0.2, 5) as number, right: expect.closeTo(0.9, 5) as number })
  })

  it('call a class without the number of its folder', () => {
    expect(pictureName('001.Black_footed_Albatross')).toBe('Black footed Albatross')
    expect(pictureName('747')).toBe('747')
  })
})

describe('islands', () => {
  it('keep groups together and apart from each other, and fill the square', () => {
    const count = 40
    const positions = Float32Array.from({ length: 2 * count }, (_, at) => Math.sin(37 * at))
    const clusters = Int32Array.from({ length: count }, (_, at) => at % 4)
    const placed = islands(positions, clusters)
    const distance = (a: number, b: number) =>
      Math.hypot(placed[2 * a] - placed[2 * b], placed[2 * a + 1] - placed[2 * b + 1])
    for (let at = 0; at < count; at++) {
      const others = Array.from({ length: count }, (_, other) => other).filter((other) => other !== at)
      const nearest = others.reduce((best, other) => (distance(at, other) < distance(at, best) ? other : best))
      expect(clusters[nearest]).toBe(clusters[at])
      expect(distance(at, nearest)).toBeGreaterThan(0.05)
    }
    expect(Math.min(...placed)).toBeCloseTo(-1)
    expect(Math.max(...placed)).toBeCloseTo(1)
  })
})
