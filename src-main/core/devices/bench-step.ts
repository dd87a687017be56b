import { presets, type DeviceName } from '../../contract/index.ts'
import type { Engine, Feeds, NamedTensor } from '../compute/engine.ts'
import { createNetwork, graphFeeds } from '../method/network.ts'
import { countParameters, initialise } from '../method/parameters.ts'
import { createRandom } from '../random.ts'

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
export async function benchStep(
  engine: Engine,
  size: BenchSize,
  { steps = 100, warmUp = 20 }: { steps?: number; warmUp?: number } = {},
): Promise<BenchReport> {
  const { C, B, K, D } = sizes[size]
  const config = benchConfig(size)
  const random = createRandom(1)
  const network = createNetwork(config, { attributes: K, features: D })
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-4 }
  const parameters = initialise(network.parameters, random)
  const trainer = await engine.trainer(network.episode({ classes: C, queries: B }, adam), {
    step: 0,
    parameters,
    firstMoments: null,
    secondMoments: null,
  })
  const feeds = benchFeeds(size, config)
  try {
    const total: number[] = []
    const phases: Record<string, number[]> = {}
    for (let i = 0; i < warmUp + steps; i++) {
      const before = performance.now()
      await trainer.step(feeds, 1e-5)
      if (i < warmUp) continue
      total.push(performance.now() - before)
      for (const [phase, milliseconds] of Object.entries(trainer.phases())) (phases[phase] ??= []).push(milliseconds)
    }
    return {
      device: engine.device,
      size: { ...sizes[size], propagationSteps: config.propagationSteps, edgeRule: config.edgeRule },
      parameters: countParameters(network.parameters),
      msPerStep: quantiles(total),
      phases: Object.fromEntries(Object.entries(phases).map(([phase, values]) => [phase, quantiles(values).median])),
    }
  } finally {
    await trainer.release()
  }

  function benchFeeds(of: BenchSize, network: ReturnType<typeof benchConfig>): Feeds {
    const values = (scale: number, ...shape: number[]): NamedTensor => ({
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (2 * random.uniform() - 1) * scale),
      shape,
    })
    const target = new Float32Array(B * C)
    for (let b = 0; b < B; b++) target[b * C + (b % C)] = 1
    return {
      ...graphFeeds(C, network),
      centres: values(1, network.semanticCentres, sizes[of].K),
      attributes: values(1, C, K),
      known: { data: new Float32Array(C * K).fill(1), shape: [C, K] },
      classMeans: values(1, C, D),
      images: values(1, B, D),
      target: { data: target, shape: [B, C] },
    }
  }
}
