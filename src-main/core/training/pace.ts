import type { Phase, TrainingConfig } from '../../contract/index.ts'

const window = 10 // reports over which the speed is taken
const fewest = 3 // reports before anything is said: the first ones include compiling

/** How far a run is and how long it will take, over all of its phases. */
export function pace(config: Pick<TrainingConfig, 'episodes' | 'holdOutEpisodes'>, now = () => performance.now()) {
  const perHoldOut = config.holdOutEpisodes ?? config.episodes
  const recent: { episodes: number; time: number }[] = []
  let done = 0
  let total = 0

  const episodesPerSecond = (): number | null => {
    const [first, last] = [recent.at(0), recent.at(-1)]
    if (!first || !last || recent.length < fewest || last.time <= first.time) return null
    return ((last.episodes - first.episodes) * 1000) / (last.time - first.time)
  }
  return {
    /** `episode` episodes of this phase are done. */
    at: (phase: Phase, episode: number): void => {
      done = (phase.index - 1) * perHoldOut + episode
      total = (phase.count - 1) * perHoldOut + config.episodes
      recent.push({ episodes: done, time: now() })
      if (recent.length > window) recent.shift()
    },
    /** 0 to 1. */
    share: (): number => (total > 0 ? done / total : 0),
    /** null until it is known. */
    episodesPerSecond,
    /** null until the speed is known. */
    secondsLeft: (): number | null => {
      const speed = episodesPerSecond()
      return speed === null ? null : (total - done) / speed
    },
  }
}
