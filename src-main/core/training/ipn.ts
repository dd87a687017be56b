import { z } from 'zod'
import type { Confidence, Phase, RunResult, TrainingConfig } from '../../contract/index.ts'
import type { Engine, TrainerState } from '../compute/engine.ts'
import { gatherRows } from '../compute/linear-algebra.ts'
import type { Dataset } from '../datasets/index.ts'
import { fitConfidence } from '../evaluation/confidence.ts'
import {
  carriedConfidence,
  describeHoldOuts,
  gammaRatio,
  holdOutOutcomeSchema,
  judgeHoldOut,
  spread,
  summariseHoldOuts,
  type HoldOutOutcome,
} from '../evaluation/held-out.ts'
import { measure, type Measured, type ScoreImages } from '../evaluation/measure.ts'
import { createScorer, type Model, type Scorer } from '../inference/scorer.ts'
import { kMeans } from '../method/k-means.ts'
import { createNetwork } from '../method/network.ts'
import { countParameters, initialise } from '../method/parameters.ts'
import { scaleAttributes, scaleFeatures } from '../method/scaling.ts'
import { createRandom, restoreRandom, type Random } from '../random.ts'
import { classMeans, type TrainingData } from './episodes.ts'
import { createProtocol, type HoldOut, type TrainingLists } from './protocol.ts'
import { train, type TrainingProgress } from './train.ts'

const reportEvery = 25 // episodes: dense enough for a curve, too few reports to slow the loop
const looks = 6 // times that each hold-out's model is judged while it trains
const scoredImages = 1000 // training images whose scores give γ its scale (METHOD.md section 12)
const looksAt = 1200 // held-out images of one look; the judgement at the end takes all

/** Where a run is between two episodes; with the trainer's state, all that is needed to go on. */
export const ipnProgressSchema = z.object({
  /** Index of the phase: the hold-outs, then the final training. */
  phase: z.int().min(0),
  random: z.array(z.number()).length(4),
  outcomes: z.array(holdOutOutcomeSchema),
  seconds: z.number(),
})
export type IpnProgress = z.infer<typeof ipnProgressSchema>

export interface IpnWatcher {
  step(phase: Phase, episodes: number, progress: TrainingProgress): void
  heldOut(phase: Phase, episode: number, figures: { T1: number; U: number; S: number; H: number }): void
  /** Called between reports; whether the state is worth writing now is the listener's business. */
  checkpoint(progress: Omit<IpnProgress, 'seconds'>, state: () => Promise<TrainerState>): Promise<void>
}

export interface IpnRun {
  readonly dataset: Dataset
  readonly config: TrainingConfig
  readonly seed: number
  readonly engine: Engine
  readonly from: { readonly progress: IpnProgress; readonly trainer: TrainerState } | null
  readonly watcher: IpnWatcher
  readonly signal: AbortSignal
}

export interface IpnOutcome {
  readonly model: Model
  readonly gamma: number
  /** null where every hold-out was judged by a version that fitted none. */
  readonly confidence: Confidence | null
  readonly measured: Measured
  readonly figures: Pick<RunResult, 'episodes' | 'parameters' | 'heldOut' | 'heldOutSpread' | 'graph' | 'selection'>
}

/**
 * METHOD.md section 12 from beginning to end: train and judge the recipe on each class hold-out, carry γ over, train on
 * all of trainval, then open the test once. null when it was told to stop.
 */
export async function runIpn(run: IpnRun): Promise<IpnOutcome | null> {
  const { dataset, config, seed, engine, from, watcher, signal } = run
  const widths = { attributes: dataset.attributeNames.length, features: dataset.manifest.counts.features! }
  const protocol = createProtocol(dataset, { holdOuts: config.holdOuts, seed })
  const network = createNetwork(config, widths)
  const holdOuts = protocol.holdOuts()
  const final = protocol.final()
  const phaseCount = holdOuts.length + 1
  const outcomes: HoldOutOutcome[] = [...(from?.progress.outcomes ?? [])]
  const scorer = await createScorer(engine, config, widths)
  const prepare = preparation(dataset, config, seed)
  let model: Model | null = null
  let data: TrainingData | null = null

  try {
    for (let index = from?.progress.phase ?? 0; index < phaseCount; index++) {
      const holdOut = holdOuts.at(index) ?? null
      const lists = holdOut ?? final
      const phase: Phase = { index: index + 1, count: phaseCount, kind: holdOut ? 'hold-out' : 'final' }
      const episodes = holdOut ? (config.holdOutEpisodes ?? config.episodes) : config.episodes
      data = prepare(lists, index)

      const resumed = from?.progress.phase === index ? from : null
      const random = resumed ? restoreRandom(resumed.progress.random) : createRandom(seed).fork(`phase ${index}`)
      const start = resumed?.trainer ?? freshState(network.parameters, random)
      const trained = data
      const means = classMeans(data)
      const modelOf = ({ parameters }: Pick<TrainerState, 'parameters'>): Model => describe(trained, means, parameters)

      const training = train({ engine, config, data, episodes, random, start, reportEvery, signal })
      let next = await training.next()
      for (; !next.done; next = await training.next()) {
        const { trainer, ...progress } = next.value
        watcher.step(phase, episodes, progress)
        if (holdOut && isLook(progress.episode, episodes)) {
          const figures = await look(scorer, modelOf(await trainer.state()), data, holdOut)
          watcher.heldOut(phase, progress.episode, figures)
        }
        await watcher.checkpoint({ phase: index, random: random.state(), outcomes }, () => trainer.state())
      }
      if (signal.aborted) {
        const state = next.value
        await watcher.checkpoint({ phase: index, random: random.state(), outcomes }, () => Promise.resolve(state))
        return null
      }
      model = modelOf(next.value)
      if (holdOut) {
        const { outcome, figures } = await judge(scorer, model, data, holdOut, seed)
        outcomes.push(outcome)
        watcher.heldOut(phase, episodes, figures)
      }
    }

    const scale = await scoreScale(scorer, model!, data!, final, seed)
    const measured = await measureModel(scorer, model!, data!.features, {
      labels: dataset.labels,
      ...final,
      ...protocol.openTest(),
    })
    const span = await scorer.span(model!, Int32Array.from([...final.seenClasses, ...final.unseenClasses]).sort())
    const degrees = span.meanDegrees
    return {
      model: model!,
      gamma: gammaRatio(outcomes) * scale,
      confidence: carriedConfidence(outcomes, scale),
      measured,
      figures: {
        episodes: config.episodes,
        parameters: countParameters(network.parameters),
        ...summariseHoldOuts(outcomes),
        graph: { semanticMeanDegree: degrees.semantic.at(-1)!, visualMeanDegree: degrees.visual.at(-1)! },
        selection: `γ was chosen on ${describeHoldOuts(outcomes.length)} and carried over by the spread of the scores; the number of episodes was fixed beforehand. No test image was used.`,
      },
    }
  } finally {
    await scorer.release()
  }
}

/** What a phase learns from: scaling statistics and k-means come from its own seen classes. */
function preparation(dataset: Dataset, config: TrainingConfig, seed: number) {
  const featureWidth = dataset.manifest.counts.features!
  const attributeWidth = dataset.attributeNames.length
  // `l2` scales in place, once for all phases.
  let shared: Float32Array | null = null
  return (lists: TrainingLists, index: number): TrainingData => {
    const features = shared ?? scaleFeatures(dataset.features!, featureWidth, config.featureScaling, lists.train)
    if (config.featureScaling !== 'standard') shared = features
    const attributes = scaleAttributes(dataset.attributes, attributeWidth, config.attributeScaling, lists.seenClasses)
    const seen = gatherRows(attributes, attributeWidth, lists.seenClasses)
    const random = createRandom(seed).fork(`k-means ${index}`)
    const centres = kMeans(seen, attributeWidth, config.semanticCentres, random)
    return {
      ...{ features, featureWidth, attributes, attributeWidth, centres },
      labels: dataset.labels,
      rows: lists.train,
      seenClasses: lists.seenClasses,
    }
  }
}

const freshState = (parameters: Parameters<typeof initialise>[0], random: Random): TrainerState => ({
  step: 0,
  parameters: initialise(parameters, random),
  firstMoments: null,
  secondMoments: null,
})

const describe = (data: TrainingData, means: Float32Array, parameters: Model['parameters']): Model => ({
  parameters,
  centres: data.centres,
  attributes: data.attributes,
  seenClasses: data.seenClasses,
  classMeans: means,
})

/** Whether this report is one of the evenly spread ones that are followed by a look; the end is judged anyway. */
function isLook(episode: number, episodes: number): boolean {
  const every = Math.max(1, Math.floor(episodes / reportEvery / looks)) * reportEvery
  return episode % every === 0 && episode < episodes
}

type Judged = Pick<HoldOut, 'seenClasses' | 'unseenClasses' | 'testSeen' | 'testUnseen'>

/** T1, U, S, H and the curve of a model on some images (METHOD.md section 6). `features` are scaled. */
export function measureModel(
  scorer: Scorer,
  model: Model,
  features: Float32Array,
  given: Judged & { readonly labels: Int32Array },
): Promise<Measured> {
  return measure(scoring(scorer, model, features), given)
}

const scoring =
  (scorer: Scorer, model: Model, features: Float32Array): ScoreImages =>
  async (images, classes) =>
    (await scorer.span(model, classes)).scores(features, images)

/** A quick look at a hold-out while it trains, at the γ that suits it now, on a part of its images. */
async function look(scorer: Scorer, model: Model, data: TrainingData, holdOut: HoldOut) {
  const thin = (images: Int32Array) => {
    const every = Math.max(1, Math.ceil((2 * images.length) / looksAt))
    return images.filter((_, at) => at % every === 0)
  }
  const testSeen = thin(holdOut.testSeen)
  const testUnseen = thin(holdOut.testUnseen)
  const { T1, stacking } = await measureModel(scorer, model, data.features, {
    ...holdOut,
    testSeen,
    testUnseen,
    labels: data.labels,
  })
  return figuresOf(T1, stacking)
}

/** At the γ that suits this hold-out: what is shown while it trains. */
function figuresOf(T1: number | null, stacking: Measured['stacking']) {
  const { U, S, H } = stacking.accuraciesAt(stacking.suggestedGamma())
  return { T1: T1 ?? 0, U: U ?? 0, S: S ?? 0, H: H ?? 0 }
}

/** Standard deviation of the scores of some training images over all classes: the unit of γ. */
async function scoreScale(scorer: Scorer, model: Model, data: TrainingData, lists: TrainingLists, seed: number) {
  const random = createRandom(seed).fork('score scale')
  const rows = random.sample(data.rows.length, Math.min(scoredImages, data.rows.length)).map((at) => data.rows[at])
  const span = await scorer.span(model, Int32Array.from([...lists.seenClasses, ...lists.unseenClasses]).sort())
  return spread(await span.scores(data.features, rows))
}

async function judge(scorer: Scorer, model: Model, data: TrainingData, holdOut: HoldOut, seed: number) {
  const images = { ...holdOut, labels: data.labels }
  const { T1, stacking } = await measureModel(scorer, model, data.features, images)
  const deviation = await scoreScale(scorer, model, data, holdOut, seed)
  const gamma = stacking.suggestedGamma()
  const confidence = await fitConfidence(scoring(scorer, model, data.features), images, gamma, deviation)
  return {
    outcome: judgeHoldOut(stacking, { T1: T1 ?? 0, deviation, gamma, confidence }),
    figures: figuresOf(T1, stacking),
  }
}
