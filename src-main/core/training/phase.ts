import type { Phase, TrainingConfig } from '../../contract/index.ts'
import type { Engine, TrainerState } from '../compute/engine.ts'
import { gatherRows } from '../compute/linear-algebra.ts'
import type { HoldOutOutcome } from '../evaluation/held-out.ts'
import { createFilm } from '../graphs/film.ts'
import { createScorer, type Model, type Scorer } from '../inference/scorer.ts'
import { kMeans } from '../method/k-means.ts'
import { createNetwork } from '../method/network.ts'
import { initialise } from '../method/parameters.ts'
import { scaleAttributes, scaleFeatures } from '../method/scaling.ts'
import { createRandom, restoreRandom, type Random } from '../random.ts'
import type { TrainingData } from './episode-feeds.ts'
import { classMeans } from './episodes.ts'
import { judge, look, type HeldOutFigures } from './judge.ts'
import { allClasses, type HoldOut, type TrainingLists } from './protocol.ts'
import { train, type TrainingProgress } from './train.ts'

const reportEvery = 25 // episodes: dense enough for a curve, too few reports to slow the loop
const looks = 6 // times that each hold-out's model is judged while it trains
const frames = 12 // states of the final training whose graphs are kept, about; the untrained one comes before

/** All that one phase needs. It may cross to another thread, which then shares the features and copies the rest. */
export interface PhaseInput {
  readonly phase: Phase
  readonly config: TrainingConfig
  readonly seed: number
  /** N×D; scaled unless their scaling depends on the phase (`standard`). */
  readonly features: Float32Array
  readonly featureWidth: number
  readonly labels: Int32Array
  /** C×K as imported. */
  readonly attributes: Float32Array
  readonly attributeWidth: number
  readonly lists: TrainingLists | HoldOut
  /** Folder of the run, where the final training keeps the film of its graphs; null: nowhere. */
  readonly film: string | null
  /** Where it goes on; null: at its beginning. */
  readonly from: PhaseState | null
}

/** Where a phase is between two episodes: all that is needed to go on. */
export interface PhaseState {
  /** Of the draws to come. */
  readonly random: readonly number[]
  /** null for a hold-out that is over: it is not needed any more. */
  readonly trainer: TrainerState | null
  /** What a hold-out found, once it is over. */
  readonly outcome: HoldOutOutcome | null
}

export type PhaseOutput =
  { readonly kind: 'hold-out'; readonly outcome: HoldOutOutcome } | { readonly kind: 'final'; readonly model: Model }

export interface PhaseWatcher {
  step(progress: TrainingProgress): void
  heldOut(episode: number, figures: HeldOutFigures): void
}

/** Offered between reports; whether the state is worth writing now is its business, unless it is the last of this phase. */
export type KeepState = (state: () => Promise<PhaseState>, last: boolean) => Promise<void>

/** Runs a phase from where it is to its end, wherever that may be. null when it was told to stop. */
export type ConductPhase = (
  input: PhaseInput,
  watcher: PhaseWatcher,
  signal: AbortSignal,
) => Promise<PhaseOutput | null>

/** In this thread. */
export const conductHere =
  (engine: Engine, keep: (phase: Phase) => KeepState): ConductPhase =>
  (input, watcher, signal) =>
    runPhase(input, engine, watcher, keep(input.phase), signal)

/** Trains one phase of METHOD.md section 12, and judges it where it is a hold-out. */
export async function runPhase(
  input: PhaseInput,
  engine: Engine,
  watcher: PhaseWatcher,
  keep: KeepState,
  signal: AbortSignal,
): Promise<PhaseOutput | null> {
  const { phase, config, seed, lists, from, labels } = input
  const holdOut = 'testUnseen' in lists ? lists : null
  const widths = { attributes: input.attributeWidth, features: input.featureWidth }
  const episodes = holdOut ? (config.holdOutEpisodes ?? config.episodes) : config.episodes
  const data = prepare(input)
  const random = from ? restoreRandom(from.random) : createRandom(seed).fork(`phase ${phase.index - 1}`)
  const start = from?.trainer ?? freshState(createNetwork(config, widths).parameters, random)
  // Not before something is to be judged: the first steps should not wait for it.
  const opened: { scorer: Promise<Scorer> | null; means: Float32Array | null } = { scorer: null, means: null }
  const modelOf = ({ parameters }: Pick<TrainerState, 'parameters'>): Model => ({
    ...{ parameters, centres: data.centres, attributes: data.attributes, seenClasses: data.seenClasses },
    classMeans: (opened.means ??= classMeans(data)),
  })
  const stateOf = (trainer: TrainerState): PhaseState => ({ random: random.state(), trainer, outcome: null })
  const judged = async (model: Model) => {
    opened.scorer ??= createScorer(engine, config, widths)
    return { scorer: await opened.scorer, model, features: data.features, labels }
  }
  const film = holdOut || input.film === null ? null : await createFilm(engine, config, widths)
  const shoot = async (parameters: Model['parameters'], episode: number) => {
    await film?.frame(modelOf({ parameters }), allClasses(lists), episode)
    await film?.write(input.film!)
  }

  try {
    if (start.step === 0) await shoot(start.parameters, 0)
    const training = train({ engine, config, data, episodes, random, start, reportEvery, signal })
    let next = await training.next()
    for (; !next.done; next = await training.next()) {
      const { trainer, ...progress } = next.value
      watcher.step(progress)
      const { episode } = progress
      if (holdOut && episode < episodes && isMoment(episode, episodes, looks)) {
        watcher.heldOut(episode, await look(await judged(modelOf(await trainer.state())), holdOut))
      }
      if (film && (episode === episodes || isMoment(episode, episodes, frames))) {
        await shoot((await trainer.state()).parameters, episode)
      }
      await keep(async () => stateOf(await trainer.state()), false)
    }
    const ended = next.value
    await keep(() => Promise.resolve(stateOf(ended)), true)
    if (signal.aborted) return null
    const model = modelOf(ended)
    if (!holdOut) return { kind: 'final', model }
    const { outcome, figures } = await judge(await judged(model), holdOut, seed)
    watcher.heldOut(episodes, figures)
    await keep(() => Promise.resolve({ random: random.state(), trainer: null, outcome }), true)
    return { kind: 'hold-out', outcome }
  } finally {
    await Promise.all([(await opened.scorer)?.release(), film?.release()])
  }
}

/** What a phase learns from: scaling statistics and k-means come from its own seen classes. */
function prepare({
  phase,
  config,
  seed,
  lists,
  attributeWidth,
  featureWidth,
  labels,
  ...given
}: PhaseInput): TrainingData {
  const { seenClasses, train: rows } = lists
  const { featureScaling, attributeScaling, semanticCentres } = config
  const features =
    featureScaling === 'standard' ? scaleFeatures(given.features, featureWidth, featureScaling, rows) : given.features
  const attributes = scaleAttributes(given.attributes, attributeWidth, attributeScaling, seenClasses)
  const seen = gatherRows(attributes, attributeWidth, seenClasses)
  const random = createRandom(seed).fork(`k-means ${phase.index - 1}`)
  const centres = kMeans(seen, attributeWidth, semanticCentres, random)
  return { features, featureWidth, labels, attributes, attributeWidth, rows, seenClasses, centres }
}

const freshState = (parameters: Parameters<typeof initialise>[0], random: Random): TrainerState => ({
  step: 0,
  parameters: initialise(parameters, random),
  firstMoments: null,
  secondMoments: null,
})

/** Whether this report is one of `count` evenly spread ones. */
function isMoment(episode: number, episodes: number, count: number): boolean {
  return episode % (Math.max(1, Math.floor(episodes / reportEvery / count)) * reportEvery) === 0
}
