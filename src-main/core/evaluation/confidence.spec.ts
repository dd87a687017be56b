import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../random.ts'
import { fitConfidence, fitTemperature, fitThreshold } from './confidence.ts'
import type { MeasuredImages } from './measure.ts'

const gaussian = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform())

/** Labels drawn as often as the softmax of scores / T says. */
function drawn(temperature: number, images: number, C: number, seed: number) {
  const random = createRandom(seed)
  const scores = Float32Array.from({ length: images * C }, () => gaussian(random))
  const labels = Int32Array.from({ length: images }, (_, row) => {
    const shares = Array.from(scores.subarray(row * C, (row + 1) * C), (one) => Math.exp(one / temperature))
    let left = random.uniform() * shares.reduce((sum, one) => sum + one, 0)
    return Math.max(
      0,
      shares.findIndex((share) => (left -= share) < 0),
    )
  })
  return { scores, labels, classes: Int32Array.from({ length: C }, (_, one) => one) }
}

describe('the temperature', () => {
  it.each([0.2, 0.7, 2])('finds the one that made the labels: %d', (temperature) => {
    const found = fitTemperature(drawn(temperature, 6000, 6, 1), 1)
    expect(Math.abs(Math.log(found / temperature))).toBeLessThan(0.1)
  })

  it('is in the unit of the scores', () => {
    const given = drawn(0.5, 400, 5, 2)
    const larger = { ...given, scores: given.scores.map((one) => one * 64) }
    expect(fitTemperature(larger, 64)).toBeCloseTo(64 * fitTemperature(given, 1), 4)
  })

  it('stays positive and finite where the scores are always right, or never', () => {
    const given = drawn(0.01, 50, 4, 3)
    for (const labels of [given.labels, given.labels.map((one) => (one + 1) % 4)]) {
      const found = fitTemperature({ ...given, labels }, 1)
      expect(found > 0 && Number.isFinite(found)).toBe(true)
    }
  })
})

describe('the threshold for “none of these”', () => {
  const of = (present: boolean, ...probabilities: number[]) =>
    probabilities.map((probability) => ({ probability, present, weight: 1 }))

  it('lies between images of a named class and all others', () => {
    const threshold = fitThreshold([...of(true, 0.9, 0.8, 0.7), ...of(false, 0.2, 0.3, 0.4)])
    expect(threshold).toBeCloseTo(0.55, 10)
  })

  it('rather names a photo where both sides are nearly as well told apart', () => {
    const known = of(true, ...Array.from({ length: 40 }, (_, at) => 0.5 + at / 100))
    const others = of(false, ...Array.from({ length: 39 }, (_, at) => at / 100), 0.515)
    expect(fitThreshold([...known, ...others])).toBeLessThan(0.5)
  })

  it('is none where nothing tells them apart, or one kind is missing', () => {
    expect(fitThreshold([...of(true, 0.5, 0.5), ...of(false, 0.5, 0.5)])).toBeNull()
    expect(fitThreshold(of(true, 0.9, 0.8))).toBeNull()
    expect(fitThreshold([])).toBeNull()
  })

  it('separates nearly as well as was asked for, whatever the probabilities', () => {
    const image = fc.record({ probability: fc.double({ min: 0, max: 1, noNaN: true }), present: fc.boolean() })
    fc.assert(
      fc.property(fc.array(image, { maxLength: 60 }), (images) => {
        const threshold = fitThreshold(images.map((one) => ({ ...one, weight: 1 })))
        if (threshold === null) return
        const share = (present: boolean) => {
          const kind = images.filter((one) => one.present === present)
          return kind.filter(({ probability }) => probability < threshold !== present).length / kind.length
        }
        expect((share(true) + share(false)) / 2).toBeGreaterThanOrEqual(0.95 * 0.55 - 1e-12)
      }),
      // Neighbours, between which no number lies.
      {
        examples: [
          [
            [
              { probability: 5.4e-323, present: true },
              { probability: 5e-323, present: false },
            ],
          ],
        ],
      },
    )
  })
})

describe('a hold-out', () => {
  const [seen, unseen, perClass] = [6, 4, 30]
  const labels = Int32Array.from({ length: 2 * (seen + unseen) * perClass }, (_, image) => image % (seen + unseen))
  const half = labels.length / 2
  const images = Int32Array.from({ length: half }, (_, image) => image)
  const classes = (from: number, to: number) => Int32Array.from({ length: to - from }, (_, one) => from + one)
  const holdOut: MeasuredImages = {
    labels,
    seenClasses: classes(0, seen),
    unseenClasses: classes(seen, seen + unseen),
    testSeen: images.filter((image) => labels[image] < seen),
    testUnseen: images.filter((image) => labels[image] >= seen),
  }
  /** An image scores 6 for its own class where that is asked for; seen classes score `bias` more, as they do. */
  const scoring = (asked: Int32Array[], bias: number) => (rows: Int32Array, wanted: Int32Array) => {
    asked.push(rows)
    const scores = Array.from(rows, (row) => {
      const random = createRandom(row)
      return Array.from(wanted, (one) => {
        const noise = gaussian(random.fork(String(one)))
        return noise + (one === labels[row] ? 6 : 0) + (one < seen ? bias : 0)
      })
    })
    return Float32Array.from(scores.flat())
  }

  it('tells images whose class is not among the labels, and looks at no other image than its own', async () => {
    const asked: Int32Array[] = []
    const { temperature, noneBelow } = await fitConfidence(scoring(asked, 3), holdOut, 3, 2)
    expect(asked.flatMap((rows) => [...rows]).every((row) => row < half)).toBe(true)
    expect(noneBelow).toBeGreaterThan(0.4)
    expect(noneBelow).toBeLessThan(1)
    expect(temperature).toBeGreaterThan(0.2)
    expect(temperature).toBeLessThan(2)
  })

  it('takes γ off the seen classes first', async () => {
    const [plain, biased] = [
      await fitConfidence(scoring([], 0), holdOut, 0, 2),
      await fitConfidence(scoring([], 3), holdOut, 3, 2),
    ]
    expect(biased.temperature).toBeCloseTo(plain.temperature, 3)
    expect(biased.noneBelow).toBeCloseTo(plain.noneBelow!, 3)
  })

  it('says null where no score tells whether a class is there', async () => {
    const constant = (rows: Int32Array, wanted: Int32Array) => new Float32Array(rows.length * wanted.length)
    expect((await fitConfidence(constant, holdOut, 0, 1)).noneBelow).toBeNull()
  })
})
