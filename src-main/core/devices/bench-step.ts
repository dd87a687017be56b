import { presets, type DeviceName, type TrainingConfig } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { createNetwork } from '../method/network.ts'
import type { DataWidths } from '../method/network-config.ts'
import { countParameters, initialise } from '../method/parameters.ts'
import { createRandom, type Random } from '../random.ts'
import type { TrainingData } from '../training/episode-feeds.ts'
import { openTrainer } from '../training/train.ts'

/** Sizes that stay, whatever the presets become: figures of different days and machines can be compared. */
const sizes = {
  quick: { C: 30, B: 60, K: 312, D: 1000, H: 256, G: 256 },
  paper: { C: 30, B: 30, K: 85, D: 2048, H: 2048, G: 256 },
} as const
export type BenchSize = keyof typeof sizes

export interface BenchReport {
  readonly device: DeviceName
  readonly size: (typeof sizes)[BenchSize] & { readonly propagationSteps: number; readonly edgeRule: 'threshold' }
  readonly parameters: number
  readonly msPerStep: { readonly median: number; readonly min: number; readonly max: number }
  /** Medians, ms, of what the engine can tell apart. */
  readonly phases: Readonly<Record<string, number>>
}

export const benchConfig = (size: BenchSize) =>
  ({
    ...presets.quick,
    hidden: sizes[size].H,
    attentionWidth: sizes[size].G,
    classesPerEpisode: sizes[size].C,
    queriesPerClass: sizes[size].B / sizes[size].C,
    propagationSteps: 2,
    edgeRule: 'threshold',
    consistency: 'last',
    consistencyWeight: 1,
  }) as const

const quantiles = (milliseconds: number[]) => {
  const sorted = milliseconds.toSorted((a, b) => a - b)
  return { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1)! }
}

/** Times one training step, 40° threshold, two propagation steps, KL of the last, Adam with L2, on generated data. */
export async function benchStep(engine: Engine, size: BenchSize, counts: StepCounts = {}): Promise<BenchReport> {
  const { C, K, D } = sizes[size]
  const config = benchConfig(size)
  const timed = await timeStep(engine, config, { classes: C, attributes: K, features: D }, counts)
  const { propagationSteps, edgeRule } = config
  return { device: engine.device, size: { ...sizes[size], propagationSteps, edgeRule }, ...timed }
}

/** A card is at work until it is read from, so the clock runs over as many steps as lie between two readings. */
const stepsPerReading = 4

interface StepCounts {
  readonly steps?: number
  /** Steps before the clock runs: the first of a session take up to half a second. */
  readonly warmUp?: number
}

/** Times steps of any configuration over so many classes of generated data, fed as a training feeds them. */
export async function timeStep(
  engine: Engine,
  config: TrainingConfig,
  { classes, ...widths }: DataWidths & { readonly classes: number },
  { steps = 100, warmUp = 20 }: StepCounts = {},
): Promise<Pick<BenchReport, 'parameters' | 'msPerStep' | 'phases'>> {
  const random = createRandom(1)
  const network = createNetwork(config, widths)
  const parameters = initialise(network.parameters, random)
  const start = { step: 0, parameters, firstMoments: null, secondMoments: null }
  const { sampler, trainer } = await openTrainer(engine, config, generated(config, classes, widths, random), start)
  const feeds = sampler.next(random)
  try {
    const total: number[] = []
    const phases: Record<string, number[]> = {}
    for (let i = 0; i < warmUp; i++) await trainer.step(feeds, 1e-5)
    await trainer.totals()
    for (let i = 0; i < steps; i += stepsPerReading) {
      const before = performance.now()
      for (let j = 0; j < stepsPerReading; j++) {
        await trainer.step(feeds, 1e-5)
        for (const [phase, milliseconds] of Object.entries(trainer.phases())) (phases[phase] ??= []).push(milliseconds)
      }
      await trainer.totals()
      total.push((performance.now() - before) / stepsPerReading)
    }
    return {
      parameters: countParameters(network.parameters),
      msPerStep: quantiles(total),
      phases: Object.fromEntries(Object.entries(phases).map(([phase, values]) => [phase, quantiles(values).median])),
    }
  } finally {
    await trainer.release()
  }
}

/** As many images as an episode over all classes draws. */
function generated(
  { supportPerClass, queriesPerClass, semanticCentres }: TrainingConfig,
  classes: number,
  { attributes, features }: DataWidths,
  random: Random,
): TrainingData {
  const values = (length: number) => Float32Array.from({ length }, () => 2 * random.uniform() - 1)
  const numbers = (length: number) => Int32Array.from({ length }, (_, at) => at)
  const images = classes * (supportPerClass + queriesPerClass)
  return {
    features: values(images * features),
    featureWidth: features,
    labels: numbers(images).map((image) => image % classes),
    attributes: values(classes * attributes),
    attributeWidth: attributes,
    rows: numbers(images),
    seenClasses: numbers(classes),
    centres: values(semanticCentres * attributes),
  }
}
