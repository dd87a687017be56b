import { describe, expect, it } from 'vitest'
import type { GraphSource } from './source.ts'
import { twinsOf, type SidedGraph } from './twins.ts'

const classes = ['a', 'b', 'c'].map((name) => ({ name, role: 'seen' as const, images: 1, accuracy: null }))
const source = { classes, propagationSteps: 1 } as unknown as GraphSource
const graph = (space: 'semantic' | 'visual', attention: number[], cosine: number[], after = cosine): SidedGraph => ({
  space,
  attention: Float32Array.from(attention),
  cosine: Float32Array.from(cosine),
  degrees: Float32Array.from([0, 1, 2], (row) => attention.slice(3 * row, 3 * row + 3).filter((one) => one > 0).length),
  after: Float32Array.from(after),
})
const left = graph('semantic', [0.5, 0.2, 0.3, 0.5, 0.5, 0, 0, 0, 1], [1, 0.6, 0.7, 0.6, 1, 0, 0.7, 0, 1])
const right = graph('visual', [1, 0, 0, 0.5, 0.5, 0, 0, 0.5, 0.5], [1, 0, 0, 0, 1, 0.5, 0, 0.5, 1])
const pair = { left, right, missing: null, rule: { kind: 'knn', neighbours: 1 } as const, used: true }

describe('twin graphs', () => {
  it('tell the strongest edges of each class first, and count all', () => {
    const { left: told } = twinsOf(source, pair, 1)
    expect(Array.from(told!.edges.from)).toEqual([0, 1])
    expect(Array.from(told!.edges.to)).toEqual([2, 0])
    expect(Array.from(told!.edges.shared)).toEqual([0, 1])
    expect(Array.from(told!.degrees)).toEqual([2, 1, 0])
    expect(told!.meanDegree).toBe(1)
    expect(Array.from(told!.self)).toEqual([0.5, 0.5, 1])
  })

  it('measure how alike they are over the edges of either', () => {
    const { isometry } = twinsOf(source, pair, 10)
    // a→b, a→c and b→a on the left; b→a and c→b on the right.
    expect(isometry).toMatchObject({ leftOnly: 2, rightOnly: 1, both: 1 })
    expect(isometry!.meanDifference).toBeCloseTo((0.6 + 0.7 + 0.6 + 0.5) / 4, 6)
    const e = 1e-7
    const kl = (p: number[], q: number[]) =>
      p.reduce((sum, one, i) => sum + (one + e) * (Math.log(one + e) - Math.log(q[i] + e)), 0)
    const rows = [kl([1, 0, 0], [0.5, 0.2, 0.3]), 0, kl([0, 0.5, 0.5], [0, 0, 1])]
    rows.forEach((one, i) => expect(isometry!.divergence[i]).toBeCloseTo(one, 5))
    expect(isometry!.meanDivergence).toBeCloseTo((rows[0] + rows[2]) / 3, 5)
  })

  it('leave a class out of the comparison of which one space knows nothing', () => {
    const unknown = graph('visual', [1, 0, 0, 0.5, 0.5, 0, 0, 0, 1], [1, 0, NaN, 0, 1, NaN, NaN, NaN, NaN])
    const { isometry, left: told } = twinsOf(source, { ...pair, right: unknown }, 10)
    // a→b and b→a; a→c has no other side.
    expect(isometry).toMatchObject({ leftOnly: 1, rightOnly: 0, both: 1 })
    expect(isometry!.meanDifference).toBeCloseTo(0.6, 6)
    expect(isometry!.divergence[2]).toBeNaN()
    expect(isometry!.meanDivergence).toBeCloseTo((isometry!.divergence[0] + isometry!.divergence[1]) / 2, 6)
    expect(Array.from(told!.edges.otherCosine)).toEqual([NaN, 0, 0])
  })

  it('find classes that coincide, and a graph alone', () => {
    const one = graph('semantic', [1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 0, 0, 0, 1, 0, 0, 0, 1], [1, 0, 1, 0, 1, 0, 1, 0, 1])
    const { left: told, right: none, isometry } = twinsOf(source, { ...pair, left: one, right: null }, 10)
    expect(told).toMatchObject({ twins: [[0, 2]], death: 'empty', meanDegree: 0 })
    expect([none, isometry]).toEqual([null, null])
  })
})
