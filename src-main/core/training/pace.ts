import type { TrainingConfig } from '../../contract/index.ts'

const window = 10 // reports, of each phase that runs, over which the speed is taken
const fewest = 3 // reports before anything is said: the first ones include compiling

/** How far a run is and how long it will take, over all of its phases, of which several may run at once. */
export interface Pace {
  /** `episode` episodes of a phase are done (phases count from 1). */
  at(phase: number, episode: number): void
  /** Phases that have said something and are not over, ascending. */
  running(): number[]
  /** 0 to 1. */
  share(): number
  /** Of all that run together; null until it is known. */
  episodesPerSecond(): number | null
  /** null until the speed is known. */
  secondsLeft(): number | null
}

/**
 * @param sizes episodes of each phase, in order.
 * @param begun episodes that some phases had already, by their number.
 */
export function pace(
  sizes: readonly number[],
  begun: ReadonlyMap<number, number> = new Map(),
  now = () => performance.now(),
): Pace {
  const done = sizes.map((_, at) => begun.get(at + 1) ?? 0)
  const active = new Set<number>()
  let recent: { episodes: number; time: number }[] = []
  const left = (phase: number): number => sizes[phase - 1] - done[phase - 1]
  const running = (): number[] => [...active].sort((a, b) => a - b)

  const episodesPerSecond = (): number | null => {
    const [first, last] = [recent.at(0), recent.at(-1)]
    if (!first || !last || recent.length < fewest || last.time <= first.time) return null
    return ((last.episodes - first.episodes) * 1000) / (last.time - first.time)
  }
  return {
    at: (phase, episode) => {
      done[phase - 1] = episode
      active.add(phase)
      recent.push({ episodes: sum(done), time: now() })
      recent = recent.slice(-window * active.size)
      if (left(phase) <= 0) active.delete(phase)
    },
    running,
    share: () => sum(done) / sum(sizes),
    episodesPerSecond,
    secondsLeft: () => {
      const speed = episodesPerSecond()
      if (speed === null) return null
      const waiting = sizes.map((_, at) => left(at + 1)).filter((_, at) => !active.has(at + 1))
      const lanes = Math.max(1, active.size)
      return (longestLane([...running().map(left), ...waiting], lanes) * lanes) / speed
    },
  }
}

/** Episodes of each phase, in order. */
export const phaseSizes = (config: TrainingConfig): number[] => [
  ...Array.from({ length: config.holdOuts }, () => config.holdOutEpisodes ?? config.episodes),
  config.episodes,
]

/**
 * Episodes of the lane that ends last, where each that is free takes the next of `phases`. A phase is not divided: the
 * last one may run alone for a while.
 */
export function longestLane(phases: readonly number[], count: number): number {
  const lanes = new Array<number>(count).fill(0)
  for (const episodes of phases) lanes[lanes.indexOf(Math.min(...lanes))] += episodes
  return Math.max(...lanes)
}

const sum = (values: readonly number[]): number => values.reduce((total, one) => total + one, 0)
