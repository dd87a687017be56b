import { describe, expect, it } from 'vitest'
import { timeLeft } from './time-left.ts'

describe('the time left', () => {
  it('follows from the pace so far', () => {
    expect(timeLeft(5000, 50, 150)).toBe(10)
    expect(timeLeft(60_000, 1, 3)).toBe(120)
    expect(timeLeft(5000, 150, 150)).toBe(0)
  })

  it.each([
    ['nothing is done', 5000, 0, 10],
    ['the first moments', 900, 500, 1000],
    ['one of very many', 5000, 1, 100_000],
    ['the first bytes of a download', 5000, 90, 230_000_000],
  ])('is not told at %s', (_, milliseconds, done, of) => {
    expect(timeLeft(milliseconds, done, of)).toBeNull()
  })
})
