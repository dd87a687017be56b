import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { featureStatistics, scaleAttributes, scaleFeatures, scaleNewFeatures } from './scaling.ts'

const random = createRandom(1)
const matrix = (rows: number, columns: number) =>
  Float32Array.from({ length: rows * columns }, () => 10 * random.uniform() - 2)
const column = (values: Float32Array, columns: number, at: number, rows: Int32Array) =>
  Array.from(rows, (row) => values[row * columns + at]).filter((one) => !Number.isNaN(one))
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
const deviation = (values: readonly number[]) => Math.sqrt(mean(values.map((one) => (one - mean(values)) ** 2)))

describe('scaling of features', () => {
  it('l2 gives every row the length √D, in place, and leaves a row of zeros', () => {
    const features = matrix(5, 9)
    features.fill(0, 18, 27)
    const scaled = scaleFeatures(features, 9, 'l2', new Int32Array())
    expect(scaled).toBe(features)
    for (let row = 0; row < 5; row++) {
      const length = Math.hypot(...scaled.subarray(row * 9, row * 9 + 9))
      expect(length).toBeCloseTo(row === 2 ? 0 : 3, 5)
    }
  })

  it('standard learns from the training rows only and leaves the original alone', () => {
    const features = matrix(6, 4)
    const rows = Int32Array.of(0, 2, 3)
    const original = features.slice()
    const scaled = scaleFeatures(features, 4, 'standard', rows)
    expect(features).toEqual(original)
    for (let at = 0; at < 4; at++) {
      expect(mean(column(scaled, 4, at, rows))).toBeCloseTo(0, 5)
      expect(deviation(column(scaled, 4, at, rows))).toBeCloseTo(1, 5)
    }
    features.fill(1000, 4, 8) // row 1, which nobody trains on
    const again = scaleFeatures(features, 4, 'standard', rows)
    for (const row of rows) expect(again.subarray(row * 4, row * 4 + 4)).toEqual(scaled.subarray(row * 4, row * 4 + 4))
  })

  it('none changes nothing', () => {
    const features = matrix(2, 3)
    expect(scaleFeatures(features, 3, 'none', new Int32Array())).toBe(features)
  })
})

describe('features of new images', () => {
  it.each(['l2', 'standard', 'none'] as const)('are scaled by %s like those of the training', (mode) => {
    const features = matrix(6, 4)
    const rows = Int32Array.of(0, 2, 3)
    const kept = featureStatistics(features, 4, mode, rows)
    const given = features.slice(16)
    const scaled = scaleFeatures(features, 4, mode, rows)
    scaleNewFeatures(given, 4, mode, kept).forEach((one, at) => expect(one).toBeCloseTo(scaled[16 + at], 5))
  })
})

describe('scaling of attributes', () => {
  const seen = Int32Array.of(0, 1, 3)
  const attributes = matrix(5, 4)
  attributes[1 * 4 + 2] = NaN
  attributes[4 * 4 + 0] = NaN
  for (const row of [0, 1, 2, 3, 4]) attributes[row * 4 + 3] = 7 // no spread

  it('global centres by the seen classes and divides all by one number', () => {
    const scaled = scaleAttributes(attributes, 4, 'global', seen)
    const deviations = [0, 1, 2, 3].map((at) => deviation(column(attributes, 4, at, seen)))
    const expected = attributes.map((value, i) => (value - mean(column(attributes, 4, i % 4, seen))) / mean(deviations))
    scaled.forEach((value, i) =>
      Number.isNaN(attributes[i]) ? expect(value).toBeNaN() : expect(value).toBeCloseTo(expected[i], 5),
    )
  })

  it('column gives each known column its own unit, and survives one without spread', () => {
    const scaled = scaleAttributes(attributes, 4, 'column', seen)
    for (const at of [0, 1, 2]) expect(deviation(column(scaled, 4, at, seen))).toBeCloseTo(1, 5)
    expect(column(scaled, 4, 3, seen)).toEqual([0, 0, 0])
  })

  it('unit gives each class the length 1 over what is known; raw is a copy', () => {
    const unit = scaleAttributes(attributes, 4, 'unit', seen)
    for (let row = 0; row < 5; row++) {
      const known = [...unit.subarray(row * 4, row * 4 + 4)].filter((one) => !Number.isNaN(one))
      expect(Math.hypot(...known)).toBeCloseTo(1, 5)
    }
    expect(unit[6]).toBeNaN()
    const raw = scaleAttributes(attributes, 4, 'raw', seen)
    expect(raw).toEqual(attributes)
    expect(raw).not.toBe(attributes)
  })

  it('takes nothing from unseen classes', () => {
    const changed = attributes.slice()
    changed.fill(99, 2 * 4, 3 * 4)
    const [before, after] = [attributes, changed].map((one) => scaleAttributes(one, 4, 'global', seen))
    for (const row of seen) expect(after.subarray(row * 4, row * 4 + 4)).toEqual(before.subarray(row * 4, row * 4 + 4))
  })
})
