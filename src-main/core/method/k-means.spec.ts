import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { kMeans } from './k-means.ts'

const sorted = (centres: Float32Array, columns: number) =>
  Array.from({ length: centres.length / columns }, (_, at) => [
    ...centres.subarray(at * columns, (at + 1) * columns),
  ]).sort((a, b) => a[0] - b[0])

describe('k-means', () => {
  it('finds three clusters, for any seed', () => {
    const noise = createRandom(1)
    const rows = Float32Array.from({ length: 60 * 2 }, (_, i) => 10 * (Math.floor(i / 2) % 3) + noise.uniform())
    const expected = [0, 1, 2].map((which) =>
      [0, 1].map((column) => {
        const own = Array.from({ length: 20 }, (_, i) => rows[(which + 3 * i) * 2 + column])
        return own.reduce((a, b) => a + b) / own.length
      }),
    )
    for (let seed = 0; seed < 10; seed++) {
      sorted(kMeans(rows, 2, 3, createRandom(seed)), 2).forEach((centre, which) =>
        centre.forEach((value, column) => expect(value).toBeCloseTo(expected[which][column], 4)),
      )
    }
  })

  it('leaves unknown values out of means and distances', () => {
    const rows = Float32Array.of(0, 0, 2, NaN, NaN, 4, 100, 100, 102, NaN, NaN, 104)
    expect(sorted(kMeans(rows, 2, 2, createRandom(2)), 2)).toEqual([
      [1, 2],
      [101, 102],
    ])
  })

  it('gives finite centres where a column is wholly unknown', () => {
    const centres = kMeans(Float32Array.of(1, NaN, 2, NaN, 9, NaN), 2, 2, createRandom(3))
    expect(sorted(centres, 2)).toEqual([
      [1.5, 0],
      [9, 0],
    ])
  })

  it('repeats centres where there are fewer rows than centres', () => {
    const centres = sorted(kMeans(Float32Array.of(1, 5), 1, 3, createRandom(4)), 1)
    expect(centres).toHaveLength(3)
    expect(new Set(centres.flat())).toEqual(new Set([1, 5]))
  })

  it('is the same for the same seed', () => {
    const noise = createRandom(5)
    const rows = Float32Array.from({ length: 40 * 6 }, () => noise.uniform())
    expect(kMeans(rows, 6, 3, createRandom(7))).toEqual(kMeans(rows, 6, 3, createRandom(7)))
  })
})
