import { describe, expect, it } from 'vitest'
import { createPace } from './pace.ts'

/** What is said after each photo of runs of the network, eight photos each. */
function paceOf(runs: readonly { at: number; photos?: number }[]): (number | null)[] {
  const pace = createPace()
  let done = 0
  return runs.flatMap(({ at, photos = 8 }) => Array.from({ length: photos }, () => pace(++done, at)))
}

describe('the speed of an extraction', () => {
  it('is not told before two seconds were measured, however long the network took to open', () => {
    const said = paceOf([5000, 5500, 6000, 6500, 7000, 7500].map((at) => ({ at })))
    expect(said.slice(0, 40).every((one) => one === null)).toBe(true)
    expect(said.slice(40)).toEqual(Array(8).fill(16))
  })

  it('is that of whole runs, also of slow ones', () => {
    const said = paceOf([0, 20_000, 40_000, 60_000].map((at) => ({ at })))
    expect(said.slice(16).every((one) => one === 0.4)).toBe(true)
  })

  it('leaves out what the cache had at once, and follows the last seconds', () => {
    const seconds = Array.from({ length: 30 }, (_, second) => ({
      at: 1000 * (second + 1),
      photos: second < 15 ? 8 : 4,
    }))
    const said = paceOf([{ at: 0, photos: 500 }, { at: 50, photos: 500 }, ...seconds])
    expect(said[1000 + 8 * 5]).toBe(8)
    expect(said.at(-1)).toBe(4)
  })
})
