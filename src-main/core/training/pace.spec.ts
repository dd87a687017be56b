import { describe, expect, it } from 'vitest'
import { pace } from './pace.ts'

/** Two lanes at 100 episodes/s each; every phase says every 25 episodes where it is. */
function twoLanes(sizes: readonly number[], begun?: ReadonlyMap<number, number>) {
  let time = 0
  const told = pace(sizes, begun, () => time)
  const step = (phases: readonly number[], from: number, to: number) => {
    for (let episode = from + 25; episode <= to; episode += 25) {
      for (const phase of phases) {
        time += 250 / phases.length
        told.at(phase, episode)
      }
    }
  }
  return { told, step }
}

describe('the pace of a run', () => {
  it('adds up the phases that run at once', () => {
    const { told, step } = twoLanes([1000, 1000, 1000, 1000])
    expect([told.episodesPerSecond(), told.secondsLeft(), told.share()]).toEqual([null, null, 0])
    step([1, 2], 0, 500)
    expect(told.running()).toEqual([1, 2])
    expect(told.share()).toBe(0.25)
    expect(told.episodesPerSecond()).toBeCloseTo(200, 5)
    expect(told.secondsLeft()).toBeCloseTo(15, 5)
  })

  it('knows that the last phase cannot be shared', () => {
    const { told, step } = twoLanes([1000, 1000, 4000])
    step([1, 2], 0, 500)
    expect(told.secondsLeft()).toBeCloseTo(45, 5) // 5 s, then 40 s alone
    step([1, 2], 500, 1000)
    expect(told.running()).toEqual([])
    step([3], 0, 2000)
    expect(told.running()).toEqual([3])
    expect(told.episodesPerSecond()).toBeCloseTo(100, 5)
    expect(told.secondsLeft()).toBeCloseTo(20, 5)
  })

  it('of a resumed run does not count what was done before as fast', () => {
    const { told, step } = twoLanes([1000, 1000, 1000], new Map([[1, 1000], [2, 600]])) // prettier-ignore
    expect(told.share()).toBeCloseTo(0.533, 3)
    step([2], 600, 700)
    expect(told.episodesPerSecond()).toBeCloseTo(100, 5)
    expect(told.secondsLeft()).toBeCloseTo(13, 5)
  })
})
