import type { TrainingConfig } from '../../contract/index.ts'
import type { Feeds, NamedTensor } from '../compute/engine.ts'
import { graphFeeds } from '../method/network.ts'
import type { Random } from '../random.ts'

/** What a training learns from. N images, D features (scaled), C classes, K attributes (scaled, NaN unknown). */
export interface TrainingData {
  readonly features: Float32Array
  readonly featureWidth: number
  readonly labels: Int32Array
  readonly attributes: Float32Array
  readonly attributeWidth: number
  /** Rows of `features` that may be learned from. */
  readonly rows: Int32Array
  /** Ascending. */
  readonly seenClasses: Int32Array
  /** k×K. */
  readonly centres: Float32Array
}

export interface EpisodeSizes {
  readonly classes: number
  readonly queries: number
}

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
export interface EpisodeSampler {
  readonly sizes: EpisodeSizes
  next(random: Random): Feeds
}

export function createSampler(data: TrainingData, config: SamplingConfig): EpisodeSampler {
  return config.training === 'episodes' ? episodeSampler(data, config) : batchSampler(data, config)
}

function imagesByClass({ rows, labels, seenClasses }: TrainingData): Int32Array[] {
  const lists = new Map<number, number[]>(Array.from(seenClasses, (one) => [one, []]))
  for (const image of rows) lists.get(labels[image])?.push(image)
  return Array.from(seenClasses, (one) => Int32Array.from(lists.get(one)!))
}

/** Arrays of one step, and the feeds that point to them. */
function buffers(data: TrainingData, { classes: C, queries: B }: EpisodeSizes, config: SamplingConfig) {
  const { featureWidth: D, attributeWidth: K } = data
  const tensor = (...shape: number[]): NamedTensor => ({
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
    shape,
  })
  const own = {
    attributes: tensor(C, K),
    known: tensor(C, K),
    classMeans: tensor(C, D),
    images: tensor(B, D),
    target: tensor(B, C),
  }
  const centres = { data: data.centres, shape: [data.centres.length / K, K] }
  // Unknown values as zeros beside a mask, once; a step then only copies rows.
  const values = data.attributes.map((value) => (Number.isNaN(value) ? 0 : value))
  const known = data.attributes.map((value) => (Number.isNaN(value) ? 0 : 1))
  const describe = (position: number, one: number) => {
    own.attributes.data.set(values.subarray(one * K, (one + 1) * K), position * K)
    own.known.data.set(known.subarray(one * K, (one + 1) * K), position * K)
  }
  const support = (position: number, image: number, share: number) => {
    const mean = own.classMeans.data
    const { features } = data
    for (let d = 0, to = position * D, from = image * D; d < D; d++) mean[to + d] += share * features[from + d]
  }
  const query = (row: number, image: number, position: number, weight: number) => {
    own.images.data.set(data.features.subarray(image * D, (image + 1) * D), row * D)
    own.target.data[row * C + position] = weight
  }
  return { own, describe, support, query, feeds: { ...own, ...graphFeeds(C, config), centres } satisfies Feeds }
}

/** Every step: n classes, and of each k images that build its visual prototype and q others that are classified. */
function episodeSampler(data: TrainingData, config: SamplingConfig): EpisodeSampler {
  const { supportPerClass, queriesPerClass } = config
  const images = imagesByClass(data)
  const sizes = episodeSizes(config, images.length, data.rows.length)
  const { classes } = sizes
  const { own, describe, support, query, feeds } = buffers(data, sizes, config)

  return {
    sizes,
    next: (random) => {
      const chosen = random.sample(images.length, classes)
      own.target.data.fill(0)
      own.classMeans.data.fill(0)
      // A class with few images gives its support first; what is missing of its queries is left out of the mean.
      const drawn = Array.from(chosen, (row) =>
        random.sample(images[row].length, Math.min(supportPerClass + queriesPerClass, images[row].length)),
      )
      const available = drawn.reduce((total, picks) => total + Math.max(0, picks.length - supportPerClass), 0)
      const weight = available > 0 ? sizes.queries / available : 0
      chosen.forEach((row, position) => {
        describe(position, data.seenClasses[row])
        const picks = drawn[position]
        const builders = Math.min(supportPerClass, picks.length)
        for (let i = 0; i < builders; i++) support(position, images[row][picks[i]], 1 / builders)
        for (let i = supportPerClass; i < picks.length; i++) {
          query(position * queriesPerClass + i - supportPerClass, images[row][picks[i]], position, weight)
        }
      })
      return feeds
    },
  }
}

/** The ablation: as many images as an episode has queries, of any seen class, against the full class means. */
function batchSampler(data: TrainingData, config: SamplingConfig): EpisodeSampler {
  const position = new Map(Array.from(data.seenClasses, (one, at) => [one, at]))
  const sizes = episodeSizes(config, data.seenClasses.length, data.rows.length)
  const { own, describe, query, feeds } = buffers(data, sizes, config)
  data.seenClasses.forEach((one, at) => describe(at, one))
  own.classMeans.data.set(classMeans(data))

  return {
    sizes,
    next: (random) => {
      own.target.data.fill(0)
      random.sample(data.rows.length, sizes.queries).forEach((at, row) => {
        const image = data.rows[at]
        query(row, image, position.get(data.labels[image])!, 1)
      })
      return feeds
    },
  }
}
