import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, restoreRandom } from './random.ts'

describe('the random generator', () => {
  it('is xoshiro128**: the published outputs for the state 1, 2, 3, 4', () => {
    const random = restoreRandom([1, 2, 3, 4])
    expect(Array.from({ length: 4 }, () => random.integer(2 ** 32))).toEqual([11520, 0, 5927040, 70819200])
  })

  it('goes on from a kept state as if it had not stopped', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(50), (seed, draws) => {
        const random = createRandom(seed)
        for (let i = 0; i < draws; i++) random.uniform()
        const restored = restoreRandom(JSON.parse(JSON.stringify(random.state())) as number[])
        expect([restored.uniform(), restored.integer(7)]).toEqual([random.uniform(), random.integer(7)])
      }),
    )
  })

  it('draws k different ones of n, all where k is n', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(60), fc.nat(60), (seed, a, b) => {
        const [k, n] = [Math.min(a, b), Math.max(a, b)]
        const drawn = createRandom(seed).sample(n, k)
        expect(new Set(drawn).size).toBe(k)
        expect([...drawn].every((one) => one >= 0 && one < n)).toBe(true)
      }),
    )
    expect(() => createRandom(1).sample(2, 3)).toThrow(RangeError)
  })

  it('prefers no place: every one of six comes about equally often to each place of a sample and of a shuffle', () => {
    const random = createRandom(5)
    const times = 12_000
    const sampled = new Int32Array(3 * 6)
    const shuffled = new Int32Array(6 * 6)
    for (let i = 0; i < times; i++) {
      random.sample(6, 3).forEach((one, place) => sampled[place * 6 + one]++)
      random.shuffle([0, 1, 2, 3, 4, 5]).forEach((one, place) => shuffled[place * 6 + one]++)
    }
    // 2,000 expected, standard deviation 41.
    for (const count of [...sampled, ...shuffled]) expect(Math.abs(count - times / 6)).toBeLessThan(200)
  })

  it('stays in [0, 1) with the mean and spread of a uniform distribution', () => {
    const random = createRandom(3)
    const draws = Array.from({ length: 20_000 }, () => random.uniform())
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...draws)).toBeLessThan(1)
    const mean = draws.reduce((a, b) => a + b) / draws.length
    expect(mean).toBeCloseTo(0.5, 2)
    expect(draws.reduce((sum, one) => sum + (one - mean) ** 2, 0) / draws.length).toBeCloseTo(1 / 12, 2)
  })

  it('forks streams that differ by label, are repeatable and leave the first stream where it was', () => {
    const random = createRandom(9)
    const before = random.state()
    const first = random.fork('a').uniform()
    expect(random.fork('a').uniform()).toBe(first)
    expect(random.fork('b').uniform()).not.toBe(first)
    expect(random.state()).toEqual(before)
  })
})
