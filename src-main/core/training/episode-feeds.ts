import type { Feeds, NamedTensor, NamedTensors } from '../compute/engine.ts'
import { fedInputs, gatheredInputs, type EpisodeInputs, type EpisodeSizes } from '../method/episode-inputs.ts'
import type { LearningData } from '../method/learning-data.ts'
import { graphFeeds } from '../method/network.ts'
import type { NetworkConfig } from '../method/network-config.ts'

/** What IPN learns from. */
export interface TrainingData extends LearningData {
  /** Of the k-means over the attributes of the seen classes, k×K. */
  readonly centres: Float32Array
}

/** How what is drawn for a step becomes what the step is fed. The arrays are reused from one step to the next. */
export interface EpisodeFeeds {
  /** What the graph of a step is built over. */
  readonly inputs: EpisodeInputs
  /** Inputs that are the same at every step: given once. */
  readonly kept: NamedTensors
  readonly feeds: Feeds
  /** Forgets the step before. */
  clear(): void
  describe(position: number, one: number): void
  /** The image is the `at`-th that builds the mean of the class at `position`, which it is a `share` of. */
  support(position: number, at: number, image: number, share: number): void
  query(row: number, image: number, position: number, weight: number): void
}

export interface FeedConfig extends Pick<NetworkConfig, 'edgeNeighbours'> {
  readonly supportPerClass: number
}

function tensor(...shape: number[]): NamedTensor {
  return { data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape }
}

const widthsOf = ({ attributeWidth, featureWidth }: TrainingData) => ({
  attributes: attributeWidth,
  features: featureWidth,
})

/** Unknown values as zeros beside a mask, once; a step then only takes rows. */
function described({ attributes }: TrainingData): { values: Float32Array; known: Float32Array } {
  return {
    values: attributes.map((value) => (Number.isNaN(value) ? 0 : value)),
    known: attributes.map((value) => (Number.isNaN(value) ? 0 : 1)),
  }
}

const centresOf = ({ centres, attributeWidth }: TrainingData): NamedTensor => ({
  data: centres,
  shape: [centres.length / attributeWidth, attributeWidth],
})

/** Copies every row that a step needs: for the processor, which has them at hand. `means`, C×D, where none are drawn. */
export function feedRows(
  data: TrainingData,
  sizes: EpisodeSizes,
  config: FeedConfig,
  means: Float32Array | null,
): EpisodeFeeds {
  const { features, featureWidth: D, attributeWidth: K } = data
  const { classes: C, queries: B } = sizes
  const own = {
    attributes: tensor(C, K),
    known: tensor(C, K),
    classMeans: means ? { data: means, shape: [C, D] } : tensor(C, D),
    images: tensor(B, D),
    target: tensor(B, C),
  }
  const { values, known } = described(data)
  return {
    inputs: fedInputs(sizes, widthsOf(data)),
    kept: {},
    feeds: { ...own, ...graphFeeds(C, config), centres: centresOf(data) },
    clear: () => {
      own.target.data.fill(0)
      if (!means) own.classMeans.data.fill(0)
    },
    describe: (position, one) => {
      own.attributes.data.set(values.subarray(one * K, (one + 1) * K), position * K)
      own.known.data.set(known.subarray(one * K, (one + 1) * K), position * K)
    },
    support: (position, _at, image, share) => {
      const mean = own.classMeans.data
      for (let d = 0, to = position * D, from = image * D; d < D; d++) mean[to + d] += share * features[from + d]
    },
    query: (row, image, position, weight) => {
      own.images.data.set(features.subarray(image * D, (image + 1) * D), row * D)
      own.target.data[row * C + position] = weight
    },
  }
}

/** Only numbers rows: for a card, on which the data lie. */
export function feedNumbers(
  data: TrainingData,
  sizes: EpisodeSizes,
  config: FeedConfig,
  means: Float32Array | null,
): EpisodeFeeds {
  const { features, featureWidth: D, attributes, attributeWidth: K } = data
  const { classes: C, queries: B } = sizes
  const supportPerClass = means ? null : config.supportPerClass
  const [N, A] = [features.length / D, attributes.length / K]
  const { values, known } = described(data)
  const { identity, ...graph } = graphFeeds(C, config)
  const classRows = new Array<number>(C).fill(0)
  const imageRows = new Array<number>(B).fill(0)
  const k = supportPerClass ?? 0
  const supportRows = new Array<number>(C * k).fill(0)
  const supportShares = tensor(C, k, 1)
  const target = tensor(B, C)
  const support = means ? {} : { supportRows: { integers: supportRows }, supportShares }
  return {
    inputs: gatheredInputs(sizes, widthsOf(data), { images: N, classes: A, supportPerClass }),
    kept: {
      'all.features': { data: features, shape: [N, D] },
      'all.attributes': { data: values, shape: [A, K] },
      'all.known': { data: known, shape: [A, K] },
      ...(means ? { classMeans: { data: means, shape: [C, D] } } : {}),
      centres: centresOf(data),
      identity,
    },
    feeds: { ...graph, ...support, classRows: { integers: classRows }, imageRows: { integers: imageRows }, target },
    clear: () => {
      target.data.fill(0)
      // A class with fewer images leaves rows of the step before, which then count for nothing.
      supportShares.data.fill(0)
    },
    describe: (position, one) => {
      classRows[position] = one
    },
    support: (position, at, image, share) => {
      supportRows[position * k + at] = image
      supportShares.data[position * k + at] = share
    },
    query: (row, image, position, weight) => {
      imageRows[row] = image
      target.data[row * C + position] = weight
    },
  }
}
