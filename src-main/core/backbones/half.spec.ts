import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHalf, toHalf } from './half.ts'

describe('half-precision numbers', () => {
  it('come back as they were, all 65,536 of them', () => {
    const all = Array.from({ length: 65_536 }, (_, half) => half)
    expect(all.filter((half) => !Number.isNaN(fromHalf(half)) && toHalf(fromHalf(half)) !== half)).toEqual([])
    expect(fromHalf(toHalf(NaN))).toBeNaN()
  })

  it.each([
    [1, 0x3c00],
    [-2, 0xc000],
    [65_504, 0x7bff],
    [65_520, 0x7c00], // halfway to what does not exist: infinity
    [65_519, 0x7bff],
    [2 ** -24, 1],
    [2 ** -25, 0], // halfway, to even
    [1.5 * 2 ** -24, 2],
    [-Infinity, 0xfc00],
    [1 + 2 ** -11, 0x3c00], // halfway, to even
    [1 + 3 * 2 ** -11, 0x3c02],
    [0.1, 0x2e66],
  ])('%d is %d', (value, half) => expect(toHalf(value)).toBe(half))

  it('are the nearest there is', () => {
    fc.assert(
      fc.property(fc.float({ min: -65_000, max: 65_000, noNaN: true }), (value) => {
        const half = toHalf(value)
        const error = Math.abs(fromHalf(half) - value)
        for (const beside of [half - 1, half + 1]) {
          if ((beside & 0x7fff) === 0x7fff || beside < 0 || (beside & 0x7c00) === 0x7c00) continue
          if ((beside & 0x8000) === (half & 0x8000))
            expect(Math.abs(fromHalf(beside) - value)).toBeGreaterThanOrEqual(error)
        }
      }),
    )
  })
})
