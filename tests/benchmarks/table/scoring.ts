import { presets } from '../../../src-main/contract/index.ts'
import { createCpuEngine } from '../../../src-main/core/compute/onnx/engine.ts'
import { createScorer, type Model, type Span } from '../../../src-main/core/inference/scorer.ts'
import { createNetwork } from '../../../src-main/core/method/network.ts'
import { initialise } from '../../../src-main/core/method/parameters.ts'
import { createRandom } from '../../../src-main/core/random.ts'
import { alternate, type Section } from './figure.ts'
import { reference } from './programs.ts'

/** AWA2: images, classes (40 seen), features, hidden width, attributes. */
const [N, C, S, D, H, K] = [37_322, 50, 40, 2048, 2048, 85]
/** Images of which the expanded form is timed. */
const sample = 512

/** A model of AWA2's size on generated numbers, over all classes. */
async function openSpan(values: (count: number) => Float32Array): Promise<Span> {
  const config = { ...presets.paper, hidden: H }
  const widths = { attributes: K, features: D }
  const classes = Int32Array.from({ length: C }, (_, c) => c)
  const model: Model = {
    parameters: initialise(createNetwork(config, widths).parameters, createRandom(1)),
    centres: values(config.semanticCentres * K),
    attributes: values(C * K),
    seenClasses: classes.subarray(0, S),
    classMeans: values(S * D),
  }
  return (await createScorer(createCpuEngine(), config, widths)).span(model, classes)
}

/** All of AWA2's images against all of its classes on the processor, beside PyTorch's. */
export async function measureScoring(rounds: number): Promise<Section> {
  const random = createRandom(2)
  const values = (count: number) => Float32Array.from({ length: count }, () => random.uniform())
  const span = await openSpan(values)
  const features = values(N * D)
  const rows = Int32Array.from({ length: N }, (_, at) => at)
  await span.scores(features, rows.subarray(0, 256))
  const before = process.resourceUsage().maxRSS
  const ours = async (): Promise<number> => {
    const start = performance.now()
    await span.scores(features, rows)
    return (performance.now() - start) / 1000
  }
  const torch = (form: string, images: number, tile: number) => () => {
    const words = ['--form', form, '--images', `${images}`, '--tile', `${tile}`]
    return ((reference('torch_scoring.py', ...words) as { seconds: number }).seconds * N) / images
  }
  const seconds = await alternate(rounds, {
    ours,
    // The tile that was fastest of 16, 64 and 256.
    factorised: torch('factorised', N, 64),
    expanded: torch('expanded', sample, 32),
  })
  return {
    title: 'Scoring',
    how: `${N} images against ${C} classes, ${D} features, hidden ${H}, generated; ${rounds} runs of each in alternation, medians; the authors’ form on ${sample} images, scaled.`,
    figures: [
      { what: 'ours', value: seconds.ours, unit: 's' },
      { what: 'PyTorch, factorised, in tiles', value: seconds.factorised / seconds.ours, unit: '×', bar: { least: 1 } },
      { what: 'PyTorch, expanded', value: seconds.expanded / seconds.ours, unit: '×', bar: { least: 10 } },
      {
        what: 'memory that it adds to the features’',
        value: (process.resourceUsage().maxRSS - before) / 1024,
        unit: 'MB',
        bar: { most: 200 },
      },
    ],
  }
}
