import { AppError, type TrainingConfig } from '../../contract/index.ts'
import type { Engine, Trainer, TrainerState } from '../compute/engine.ts'
import { createNetwork } from '../method/network.ts'
import type { Random } from '../random.ts'
import type { TrainingData } from './episode-feeds.ts'
import { createSampler, type EpisodeSampler } from './episodes.ts'

/** What a training did since it last reported: means over those episodes. */
export interface TrainingProgress {
  readonly episode: number
  readonly classification: number
  readonly consistency: number
  readonly semanticMeanDegree: number
  readonly visualMeanDegree: number
}

export interface Training {
  readonly engine: Engine
  readonly config: TrainingConfig
  readonly data: TrainingData
  readonly episodes: number
  /** Draws the episodes; its state belongs to a checkpoint. */
  readonly random: Random
  /** Where to begin: fresh parameters, or a checkpoint. */
  readonly start: TrainerState
  /** Episodes from one report to the next. */
  readonly reportEvery: number
  /** Ends the loop after the current episode. */
  readonly signal: AbortSignal
}

/** METHOD.md section 4, top to bottom. Reports as it goes; ends by itself or when told, and returns its state. */
export async function* train(
  training: Training,
): AsyncGenerator<TrainingProgress & { trainer: Trainer }, TrainerState> {
  const { engine, config, data, episodes, random, start, signal } = training
  const { sampler, trainer } = await openTrainer(engine, config, data, start)
  try {
    let since = 0
    for (let episode = start.step; episode < episodes && !signal.aborted; episode++) {
      const decayed = episode >= config.decayAt * episodes
      const learningRate = config.learningRate * (decayed ? config.decayFactor : 1)
      await trainer.step(sampler.next(random), learningRate)

      since += 1
      // The first step tells that it has begun, and from where the curves come.
      if (episode === 0 || (episode + 1) % training.reportEvery === 0 || episode === episodes - 1) {
        const totals = await trainer.totals()
        const mean = (name: string) => totals[name].data[0] / since
        const [classification, consistency] = [mean('classification'), mean('consistency')]
        if (!Number.isFinite(classification + consistency)) throw diverged(episode + 1)
        // A class is its own neighbour, which a mean degree leaves out.
        const degree = (edges: number) => edges / sampler.sizes.classes - 1
        yield {
          episode: episode + 1,
          classification,
          consistency,
          semanticMeanDegree: degree(mean('semanticEdges')),
          visualMeanDegree: degree(mean('visualEdges')),
          trainer,
        }
        since = 0
      }
    }
    return await trainer.state()
  } finally {
    await trainer.release()
  }
}

/** The data stay on a card that has room for them, and a step only numbers its rows; else each step brings its rows. */
export async function openTrainer(
  engine: Engine,
  config: TrainingConfig,
  data: TrainingData,
  start: TrainerState,
  keeps = engine.keepsData,
): Promise<{ sampler: EpisodeSampler; trainer: Trainer }> {
  const network = createNetwork(config, { attributes: data.attributeWidth, features: data.featureWidth })
  const sampler = createSampler(data, config, keeps)
  const { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon, weightDecay } = config
  const graph = network.episode(sampler.sizes, { beta1, beta2, epsilon, weightDecay }, sampler.inputs)
  try {
    return { sampler, trainer: await engine.trainer(graph, start, sampler.kept) }
  } catch (thrown) {
    if (!keeps || !(thrown instanceof AppError) || thrown.code !== 'device/does-not-fit') throw thrown
    return openTrainer(engine, config, data, start, false)
  }
}

const diverged = (episode: number): AppError =>
  new AppError(
    'training/diverged',
    `The loss is not a number any more (by episode ${episode}): the training diverged.`,
    {
      next: 'Start it again with a lower learning rate, or with “l2” feature scaling.',
    },
  )
