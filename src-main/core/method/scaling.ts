import type { TrainingConfig } from '../../contract/index.ts'

/**
 * Features as the network sees them (METHOD.md section 1), N×`columns`. `l2` works in place and gives the same array
 * back, because it is the same for every hold-out and a second copy of a large dataset would not fit; rows of zeros stay.
 * `standard` gives a new array, scaled by the population statistics of `trainingRows` only.
 */
export function scaleFeatures(
  features: Float32Array,
  columns: number,
  mode: TrainingConfig['featureScaling'],
  trainingRows: Int32Array,
): Float32Array {
  if (mode === 'none') return features
  return mode === 'l2' ? toLength(features, columns, Math.sqrt(columns)) : standardise(features, columns, trainingRows)
}

/** What `standard` takes off and divides by, one value per column. */
export interface FeatureStatistics {
  readonly mean: Float32Array
  readonly deviation: Float32Array
}

/** What has to be kept so that other images can be scaled like the training's; null for the modes that need nothing. */
export function featureStatistics(
  features: Float32Array,
  columns: number,
  mode: TrainingConfig['featureScaling'],
  trainingRows: Int32Array,
): FeatureStatistics | null {
  if (mode !== 'standard') return null
  const { mean, deviation } = statistics(features, columns, trainingRows)
  return { mean: Float32Array.from(mean), deviation: Float32Array.from(deviation) }
}

/** Features of images that were not there at the training, in place. */
export function scaleNewFeatures(
  features: Float32Array,
  columns: number,
  mode: TrainingConfig['featureScaling'],
  kept: FeatureStatistics | null,
): Float32Array {
  if (mode === 'none') return features
  if (mode === 'l2') return toLength(features, columns, Math.sqrt(columns))
  if (!kept) throw new Error('Standard scaling needs the statistics of the training.')
  for (let i = 0; i < features.length; i++) {
    features[i] = (features[i] - kept.mean[i % columns]) / (kept.deviation[i % columns] || 1)
  }
  return features
}

/**
 * Attributes as the network sees them (METHOD.md section 1), C×K, a new array; NaN (unknown) stays and takes no part in
 * the population statistics, which are those of `seenClasses`. A column without spread is only centred.
 */
export function scaleAttributes(
  attributes: Float32Array,
  columns: number,
  mode: TrainingConfig['attributeScaling'],
  seenClasses: Int32Array,
): Float32Array {
  const scaled = attributes.slice()
  if (mode === 'raw') return scaled
  if (mode === 'unit') return toLength(scaled, columns, 1)
  const { mean, deviation, known } = statistics(attributes, columns, seenClasses)
  // A column that no seen class knows has no deviation to average.
  const common = deviation.reduce((sum, one) => sum + one, 0) / known
  const divisor = (column: number): number => (mode === 'global' ? common : deviation[column]) || 1
  for (let i = 0; i < scaled.length; i++) scaled[i] = (attributes[i] - mean[i % columns]) / divisor(i % columns)
  return scaled
}

function toLength(rows: Float32Array, columns: number, length: number): Float32Array {
  for (let start = 0; start < rows.length; start += columns) {
    let square = 0
    for (let i = start; i < start + columns; i++) if (!Number.isNaN(rows[i])) square += rows[i] * rows[i]
    const factor = square > 0 ? length / Math.sqrt(square) : 1
    for (let i = start; i < start + columns; i++) rows[i] *= factor
  }
  return rows
}

function standardise(features: Float32Array, columns: number, rows: Int32Array): Float32Array {
  const { mean, deviation } = statistics(features, columns, rows)
  const scaled = new Float32Array(features.length)
  for (let start = 0; start < features.length; start += columns) {
    for (let d = 0; d < columns; d++) scaled[start + d] = (features[start + d] - mean[d]) / (deviation[d] || 1)
  }
  return scaled
}

/** Mean and population standard deviation of each column over `rows`, NaN left out; 0 and 0 where nothing is known. */
function statistics(values: Float32Array, columns: number, rows: Int32Array) {
  const count = new Float64Array(columns)
  const mean = new Float64Array(columns)
  const square = new Float64Array(columns)
  // Welford's recurrence: sums of squares would lose a small spread beside a large mean.
  for (const row of rows) {
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column]
      if (Number.isNaN(value)) continue
      const from = value - mean[column]
      mean[column] += from / ++count[column]
      square[column] += from * (value - mean[column])
    }
  }
  return {
    mean,
    deviation: square.map((sum, column) => (count[column] > 0 ? Math.sqrt(sum / count[column]) : 0)),
    /** Columns with at least one known value. */
    known: count.filter((one) => one > 0).length,
  }
}
