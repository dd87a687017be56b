import type { TrainingConfig } from '../../contract/index.ts'
import type { Feeds } from '../compute/engine.ts'
import type { EpisodeSizes } from '../method/episode-inputs.ts'
import type { Random } from '../random.ts'
import { feedNumbers, feedRows, type EpisodeFeeds, type TrainingData } from './episode-feeds.ts'

/** How many classes and queries a step has; `rows` images of `seen` classes are learned from. */
export function episodeSizes(config: Omit<SamplingConfig, 'edgeNeighbours'>, seen: number, rows: number): EpisodeSizes {
  const drawn = Math.min(config.classesPerEpisode, seen)
  const queries = drawn * config.queriesPerClass
  return config.training === 'episodes'
    ? { classes: drawn, queries }
    : { classes: seen, queries: Math.min(queries, rows) }
}

type SamplingConfig = Pick<
  TrainingConfig,
  'training' | 'classesPerEpisode' | 'supportPerClass' | 'queriesPerClass' | 'edgeNeighbours'
>

/** Mean of all training features of each seen class, S×D, in the order of `seenClasses` (METHOD.md section 5). */
export function classMeans({ features, featureWidth: D, labels, rows, seenClasses }: TrainingData): Float32Array {
  const rowOf = new Map(Array.from(seenClasses, (one, row) => [one, row]))
  const sums = new Float64Array(seenClasses.length * D)
  const counts = new Float64Array(seenClasses.length)
  for (const image of rows) {
    const row = rowOf.get(labels[image])!
    counts[row] += 1
    for (let d = 0; d < D; d++) sums[row * D + d] += features[image * D + d]
  }
  return Float32Array.from(sums, (sum, at) => sum / counts[Math.floor(at / D)])
}

/** Draws what each step sees (METHOD.md section 4). The feeds' arrays are reused from one call to the next. */
export interface EpisodeSampler extends Pick<EpisodeFeeds, 'inputs' | 'kept'> {
  readonly sizes: EpisodeSizes
  next(random: Random): Feeds
}

/** `keeps`: the data are given once (`kept`) and a step's feeds number their rows; else they hold copies of them. */
export function createSampler(data: TrainingData, config: SamplingConfig, keeps: boolean): EpisodeSampler {
  const feedsFor = keeps ? feedNumbers : feedRows
  return config.training === 'episodes' ? episodeSampler(data, config, feedsFor) : batchSampler(data, config, feedsFor)
}

type FeedsFor = typeof feedRows

function imagesByClass({ rows, labels, seenClasses }: TrainingData): Int32Array[] {
  const lists = new Map<number, number[]>(Array.from(seenClasses, (one) => [one, []]))
  for (const image of rows) lists.get(labels[image])?.push(image)
  return Array.from(seenClasses, (one) => Int32Array.from(lists.get(one)!))
}

/** Every step: n classes, and of each k images that build its visual prototype and q others that are classified. */
function episodeSampler(data: TrainingData, config: SamplingConfig, feedsFor: FeedsFor): EpisodeSampler {
  const { supportPerClass, queriesPerClass } = config
  const images = imagesByClass(data)
  const sizes = episodeSizes(config, images.length, data.rows.length)
  const { inputs, kept, feeds, ...step } = feedsFor(data, sizes, config, null)

  return {
    sizes,
    inputs,
    kept,
    next: (random) => {
      const chosen = random.sample(images.length, sizes.classes)
      step.clear()
      // A class with few images gives its support first; what is missing of its queries is left out of the mean.
      const drawn = Array.from(chosen, (row) =>
        random.sample(images[row].length, Math.min(supportPerClass + queriesPerClass, images[row].length)),
      )
      const available = drawn.reduce((total, picks) => total + Math.max(0, picks.length - supportPerClass), 0)
      const weight = available > 0 ? sizes.queries / available : 0
      chosen.forEach((row, position) => {
        step.describe(position, data.seenClasses[row])
        const picks = drawn[position]
        const builders = Math.min(supportPerClass, picks.length)
        for (let i = 0; i < builders; i++) step.support(position, i, images[row][picks[i]], 1 / builders)
        for (let i = supportPerClass; i < picks.length; i++) {
          step.query(position * queriesPerClass + i - supportPerClass, images[row][picks[i]], position, weight)
        }
      })
      return feeds
    },
  }
}

/** The ablation: as many images as an episode has queries, of any seen class, against the full class means. */
function batchSampler(data: TrainingData, config: SamplingConfig, feedsFor: FeedsFor): EpisodeSampler {
  const position = new Map(Array.from(data.seenClasses, (one, at) => [one, at]))
  const sizes = episodeSizes(config, data.seenClasses.length, data.rows.length)
  const { inputs, kept, feeds, ...step } = feedsFor(data, sizes, config, classMeans(data))
  data.seenClasses.forEach((one, at) => step.describe(at, one))

  return {
    sizes,
    inputs,
    kept,
    next: (random) => {
      step.clear()
      random.sample(data.rows.length, sizes.queries).forEach((at, row) => {
        const image = data.rows[at]
        step.query(row, image, position.get(data.labels[image])!, 1)
      })
      return feeds
    },
  }
}
