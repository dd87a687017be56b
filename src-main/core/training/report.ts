import { count, grouped, type MetricPoint, type TrainingConfig } from '../../contract/index.ts'
import type { Progress } from '../jobs/task.ts'
import type { IpnWatcher } from './ipn.ts'
import { pace, phaseSizes } from './pace.ts'
import type { PhaseState } from './phase.ts'

export interface TrainProgress extends Progress {
  readonly points: readonly MetricPoint[]
}

/**
 * Turns what a training says into metric points and progress with the time left. Several phases may speak by turns.
 * @param from where they were when this process began.
 */
export function reporting(
  config: TrainingConfig,
  from: ReadonlyMap<number, PhaseState>,
  report: (progress: TrainProgress) => void,
): IpnWatcher {
  const { holdOuts } = config
  const sizes = phaseSizes(config)
  const at = new Map([...from].map(([phase, { trainer }]) => [phase, trainer?.step ?? sizes[phase - 1]]))
  const clock = pace(sizes, at)
  const send = (message: string, point: MetricPoint) =>
    report({ progress: clock.share(), message, secondsLeft: clock.secondsLeft(), points: [point] })
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0)
  return {
    step: (phase, { episode, ...figures }) => {
      clock.at(phase.index, episode)
      at.set(phase.index, episode)
      const running = [...new Set([...clock.running(), phase.index])].sort((a, b) => a - b)
      const done = sum(running.map((one) => at.get(one)!))
      const of = sum(running.map((one) => sizes[one - 1]))
      send(`${named(running, holdOuts)}: ${grouped(done)} of ${count(of, 'episode')}`, {
        ...{ type: 'step', phase, episode, ...figures },
        episodesPerSecond: clock.episodesPerSecond(),
        secondsLeft: clock.secondsLeft(),
      })
    },
    heldOut: (phase, episode, figures) =>
      send(`${named([phase.index], holdOuts)}: looked at the held-out classes`, {
        ...{ type: 'held-out', phase, episode, ...figures },
      }),
  }
}

/** `Hold-outs 1 and 2 of 3`, `Hold-out 3 of 3 and final training`. */
export function named(phases: readonly number[], holdOuts: number): string {
  const chosen = phases.filter((phase) => phase <= holdOuts)
  const final = chosen.length < phases.length
  if (chosen.length === 0) return 'Final training'
  const numbers = new Intl.ListFormat('en-GB').format(chosen.map(String))
  return `Hold-out${chosen.length === 1 ? '' : 's'} ${numbers} of ${holdOuts}${final ? ' and final training' : ''}`
}
