import { describe, expect, it } from 'vitest'
import { presets, type TrainingConfig } from '../../contract/index.ts'
import type { Feeds } from '../compute/engine.ts'
import type { Expression } from '../compute/expression.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import type { EpisodeInputs } from '../method/episode-inputs.ts'
import { createRandom } from '../random.ts'
import type { TrainingData } from './episode-feeds.ts'
import { createSampler } from './episodes.ts'
import { tinyDataset } from './testing/tiny-dataset.ts'

const { features, labels, attributes, splits, seenClasses } = tinyDataset()
const data: TrainingData = {
  ...{ features: features!, featureWidth: 12, labels, attributeWidth: 6, rows: splits.trainval, seenClasses },
  attributes: attributes.map((value, at) => (at % 7 === 0 ? NaN : value)),
  centres: attributes.slice(0, 18),
}
const cpu = createCpuEngine(1)

const bytes = (feeds: Feeds): number =>
  Object.values(feeds).reduce(
    (total, feed) => total + ('integers' in feed ? 8 * feed.integers.length : feed.data.byteLength),
    0,
  )

describe('what a step is fed', () => {
  it.each([
    ['episodes', { training: 'episodes', supportPerClass: 2, queriesPerClass: 3, classesPerEpisode: 4 }],
    ['episodes of classes with few images', { training: 'episodes', supportPerClass: 9, queriesPerClass: 3 }],
    ['batches', { training: 'batches', queriesPerClass: 1, classesPerEpisode: 5 }],
  ] satisfies [string, Partial<TrainingConfig>][])(
    'is the same by numbers of rows as by the rows themselves: %s',
    async (_, set) => {
      const config = { ...presets.quick, ...set }
      const [rows, numbers] = [false, true].map((keeps) => createSampler(data, config, keeps))
      const [ofRows, ofNumbers] = [createRandom(3), createRandom(3)]
      const taken = (inputs: EpisodeInputs) =>
        cpu.program(
          Object.fromEntries(Object.entries<Expression>({ ...inputs }).map(([name, x]) => [`taken ${name}`, x])),
        )
      const programs = [await taken(rows.inputs), await taken(numbers.inputs)]
      for (let step = 0; step < 3; step++) {
        const [given, numbered] = [rows.next(ofRows), numbers.next(ofNumbers)]
        const [expected, found] = await Promise.all([
          programs[0].run({ ...rows.kept, ...given }),
          programs[1].run({ ...numbers.kept, ...numbered }),
        ])
        expect(numbered.target).toEqual(given.target)
        // Rows that weigh nothing may hold anything.
        const { data: target, shape } = given.target as { data: Float32Array; shape: number[] }
        const counts = (at: number) => target.subarray(at * shape[1], (at + 1) * shape[1]).some((weight) => weight > 0)
        for (const name of ['attributes', 'known', 'classMeans', 'images'] as const) {
          found[`taken ${name}`].data.forEach((value, at) => {
            if (name === 'images' && !counts(Math.floor(at / data.featureWidth))) return
            expect(value).toBeCloseTo(expected[`taken ${name}`].data[at], 5)
          })
        }
      }
      for (const program of programs) await program.release()
    },
  )

  it('is a fiftieth of it at the size of CUB’s quick training', () => {
    const [K, D, images, seen] = [312, 1000, 600, 150]
    const numbersTo = (length: number) => Int32Array.from({ length }, (_, at) => at)
    const large: TrainingData = {
      ...{ features: new Float32Array(images * D), featureWidth: D, attributeWidth: K },
      ...{ labels: numbersTo(images).map((image) => image % seen), rows: numbersTo(images) },
      ...{ attributes: new Float32Array(seen * K), seenClasses: numbersTo(seen), centres: new Float32Array(3 * K) },
    }
    const [rows, numbers] = [false, true].map((keeps) =>
      bytes(createSampler(large, presets.quick, keeps).next(createRandom(1))),
    )
    expect(rows).toBe(4 * (60 * D + 30 * D + 2 * 30 * K + 3 * K + 60 * 30 + 30 * 30) + 8)
    expect(numbers).toBe(4 * (60 * 30 + 60) + 8 * (30 + 60 + 60 + 1))
    expect(rows / numbers).toBeGreaterThan(50)
  })
})
