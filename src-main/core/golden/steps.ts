import type { Engine } from '../compute/engine.ts'
import type { EpisodeGraph, Network } from '../method/network.ts'
import { feedNumbers, feedRows, type EpisodeFeeds } from '../training/episode-feeds.ts'
import { error, flat, largestOf, tensor, tensors, type Nested } from './nested.ts'
import type { GoldenProblem } from './problem.ts'

/** Largest errors of the gradients, and of losses and parameters over three steps of Adam. */
export interface StepErrors {
  readonly gradients: number
  readonly adam: number
}

/** The problem's episode, drawn from a dataset in which no row stands where the episode has it. */
export function feedEpisode({ config, inputs }: GoldenProblem, feed: typeof feedRows): EpisodeFeeds {
  const { classes: C, queries: B } = config
  const backwards = (values: Nested): Float32Array =>
    Float32Array.from(flat((values as readonly Nested[]).toReversed()))
  const episode = feed(
    {
      features: backwards([...inputs.support, ...inputs.query]),
      featureWidth: config.features,
      attributes: backwards(inputs.attributes),
      attributeWidth: config.attributes,
      centres: tensor(inputs.centres).data,
      // Of no use to a step.
      ...{ labels: new Int32Array(C + B), rows: new Int32Array(0), seenClasses: new Int32Array(0) },
    },
    config,
    { ...config, supportPerClass: 2 },
    null,
  )
  const last = C + B - 1
  for (let c = 0; c < C; c++) {
    episode.describe(c, C - 1 - c)
    // The golden mean is one row: half of it twice.
    for (const at of [0, 1]) episode.support(c, at, last - c, 0.5)
  }
  inputs.target.forEach((target, row) => episode.query(row, last - C - row, target, 1))
  return episode
}

export const episodeGraph = ({ config }: GoldenProblem, network: Network, { inputs }: EpisodeFeeds): EpisodeGraph =>
  network.episode(
    config,
    {
      beta1: config.adamBeta1,
      beta2: config.adamBeta2,
      epsilon: config.adamEpsilon,
      weightDecay: config.weightDecay,
    },
    inputs,
  )

/** Three steps of a training, begun at the problem's parameters. */
export async function stepErrors(problem: GoldenProblem, engine: Engine, network: Network): Promise<StepErrors> {
  const { config } = problem
  const episode = feedEpisode(problem, engine.keepsData ? feedNumbers : feedRows)
  const { kept, feeds } = episode
  const start = { step: 0, parameters: tensors(problem.parameters), firstMoments: null, secondMoments: null }
  const trainer = await engine.trainer(episodeGraph(problem, network, episode), start, kept)
  try {
    const found = await trainer.gradients(feeds)
    const gradientFloor = 0.01 * largestOf(problem.gradients)
    const gradients = Math.max(
      ...Object.entries(problem.gradients).map(([name, values]) => error(found[name].data, values, gradientFloor)),
    )

    const after = problem.afterThreeAdamSteps
    const parameterFloor = 0.01 * largestOf(after.parameters)
    const losses: number[] = []
    for (let step = 0; step < 3; step++) {
      await trainer.step(feeds, config.learningRate)
      const { classification, consistency } = await trainer.totals()
      const weight = config.consistency === 'none' ? 0 : config.consistencyWeight
      losses.push(classification.data[0] + weight * consistency.data[0])
    }
    const state = await trainer.state()
    const adam = Math.max(
      error(losses, after.lossesBeforeEachStep, parameterFloor),
      ...Object.entries(after.parameters).map(([name, values]) =>
        error(state.parameters[name].data, values, parameterFloor),
      ),
    )
    return { gradients, adam }
  } finally {
    await trainer.release()
  }
}
