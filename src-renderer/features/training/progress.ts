import type { MetricPoint, Phase, RunResult, RunSummary, TrainingConfig } from '../../../src-main/contract/index.ts'

export type StepPoint = Extract<MetricPoint, { type: 'step' }>
export type HeldOutPoint = Extract<MetricPoint, { type: 'held-out' }>

const identity = ({ type, phase, episode }: MetricPoint): string => `${type} ${phase.index} ${episode}`

/** Stored and live points together, each once, in order of phase and episode. A resumed run repeats its last ones: the later counts. */
export function mergePoints(stored: readonly MetricPoint[], live: readonly MetricPoint[]): MetricPoint[] {
  const points = new Map([...stored, ...live].map((point) => [identity(point), point]))
  return [...points.values()].sort((a, b) => a.phase.index - b.phase.index || a.episode - b.episode)
}

/** The phases that have shown something, in order. */
export function phasesOf(points: readonly MetricPoint[]): Phase[] {
  return [...new Map(points.map(({ phase }) => [phase.index, phase])).values()]
}

export const stepsOf = (points: readonly MetricPoint[], phase: number): StepPoint[] =>
  points.filter((point) => point.type === 'step' && point.phase.index === phase) as StepPoint[]

export const heldOutOf = (points: readonly MetricPoint[], phase: number): HeldOutPoint[] =>
  points.filter((point) => point.type === 'held-out' && point.phase.index === phase) as HeldOutPoint[]

const episodesOf = ({ kind }: Phase, { episodes, holdOutEpisodes }: TrainingConfig): number =>
  kind === 'hold-out' ? (holdOutEpisodes ?? episodes) : episodes

/** The phases that are under way, of which there may be several; the newest one between two. null before the first report. */
export function underWay(
  points: readonly MetricPoint[],
  config: TrainingConfig,
): { readonly phases: Phase[]; readonly done: number; readonly of: number; readonly last: StepPoint } | null {
  const latest = new Map(
    points.flatMap((point) => (point.type === 'step' ? [[point.phase.index, point] as const] : [])),
  )
  const steps = [...latest.values()]
  const open = steps.filter(({ phase, episode }) => episode < episodesOf(phase, config))
  const shown = open.length > 0 ? open : steps.slice(-1)
  const last = shown.at(-1)
  if (!last) return null
  const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0)
  return {
    phases: shown.map(({ phase }) => phase),
    done: sum(shown.map(({ episode }) => episode)),
    of: sum(shown.map(({ phase }) => episodesOf(phase, config))),
    last,
  }
}

export interface Estimate {
  readonly mean: number
  /** Standard deviation over the hold-outs; null for one. */
  readonly deviation: number | null
}

export const accuracyNames = ['T1', 'U', 'S', 'H'] as const
export type AccuracyName = (typeof accuracyNames)[number]

/**
 * The last accuracies of each hold-out that is through, put together; of those that run while there is no other.
 * null before the first measurement.
 */
export function heldOutEstimate(
  points: readonly MetricPoint[],
  config: TrainingConfig,
): { readonly holdOuts: number; readonly of: Record<AccuracyName, Estimate> } | null {
  const last = new Map(
    points.flatMap((point) => (point.type === 'held-out' ? [[point.phase.index, point] as const] : [])),
  )
  const through = [...last.values()].filter(({ phase, episode }) => episode >= episodesOf(phase, config))
  const latest = through.length > 0 ? through : [...last.values()]
  if (latest.length === 0) return null
  const estimate = (name: AccuracyName): Estimate => {
    const values = latest.map((point) => point[name])
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    return { mean, deviation: values.length > 1 ? Math.sqrt(variance) : null }
  }
  return { holdOuts: latest.length, of: { T1: estimate('T1'), U: estimate('U'), S: estimate('S'), H: estimate('H') } }
}

export type GraphHealth = 'alive' | 'empty' | 'complete'

/** How a category graph of `classes` classes does (METHOD.md section 8): both extremes leave propagation without meaning. */
export function graphHealth(meanDegree: number, classes: number): GraphHealth {
  if (meanDegree < 0.5) return 'empty'
  return meanDegree >= 0.95 * (classes - 1) ? 'complete' : 'alive'
}

/** Classes of the graph of one training step. */
export const classesPerStep = (config: TrainingConfig, seen: number): number =>
  config.training === 'batches' ? seen : Math.min(config.classesPerEpisode, seen)

export type Verdict = 'first' | 'second' | 'equal'

/** Which of two runs is better by H on held-out classes; a difference within the hold-outs' spread is none. */
export function compareHeldOut(first: RunSummary, second: RunSummary): Verdict | null {
  if (!first.result || !second.result) return null
  const [a, b] = [first.result.heldOutSpread.H, second.result.heldOutSpread.H]
  if (Math.abs(a.mean - b.mean) <= Math.max(a.deviation, b.deviation)) return 'equal'
  return a.mean > b.mean ? 'first' : 'second'
}

/** Newest first, and a baseline below the run that it was made beside. */
export function newestFirst(runs: readonly RunSummary[]): RunSummary[] {
  const owner = new Map(runs.flatMap((run) => (run.baseline === null ? [] : [[run.baseline, run] as const])))
  const startOf = (run: RunSummary): string => (owner.get(run.id) ?? run).startedAt
  return runs.toSorted(
    (a, b) => startOf(b).localeCompare(startOf(a)) || Number(owner.has(a.id)) - Number(owner.has(b.id)),
  )
}

/** Whether there were test images of unseen classes: without them all that is known is the estimate from held-out classes. */
export const measured = ({ T1, H }: RunResult): boolean => T1 !== null || H !== null
