import { createRandom } from '../../random.ts'

const rounds = 10 // of subspace iteration: enough for a first position

/**
 * Classical scaling: positions in the plane whose inner products come nearest to a similarity matrix, C×C and symmetric;
 * x and y by turns, C×2. The same matrix has the same answer.
 */
export function principalAxes(similarity: Float32Array, C: number): Float64Array {
  const centred = centre(similarity, C)
  const random = createRandom(1).fork('layout')
  const axes = [0, 1].map(() => Float64Array.from({ length: C }, () => random.uniform() - 0.5))
  const lengths = [0, 0]
  for (let round = 0; round < rounds; round++) {
    axes.forEach((axis, at) => {
      const image = times(centred, axis, C)
      // The second axis stays upright on the first.
      if (at === 1) subtractAlong(image, axes[0])
      lengths[at] = norm(image)
      const unit = lengths[at] || 1
      axis.set(image.map((value) => value / unit))
    })
  }
  const positions = new Float64Array(2 * C)
  for (let i = 0; i < C; i++) {
    positions[2 * i] = axes[0][i] * Math.sqrt(lengths[0])
    positions[2 * i + 1] = axes[1][i] * Math.sqrt(lengths[1])
  }
  return positions
}

function centre(matrix: Float32Array, C: number): Float32Array {
  const means = new Float64Array(C)
  for (let i = 0; i < C; i++) for (let j = 0; j < C; j++) means[i] += matrix[i * C + j] / C
  const mean = means.reduce((a, b) => a + b, 0) / Math.max(1, C)
  const centred = new Float32Array(C * C)
  for (let i = 0; i < C; i++) {
    for (let j = 0; j < C; j++) centred[i * C + j] = matrix[i * C + j] - means[i] - means[j] + mean
  }
  return centred
}

function times(matrix: Float32Array, vector: Float64Array, C: number): Float64Array {
  const product = new Float64Array(C)
  for (let i = 0; i < C; i++) {
    let sum = 0
    for (let j = 0, at = i * C; j < C; j++, at++) sum += matrix[at] * vector[j]
    product[i] = sum
  }
  return product
}

function subtractAlong(vector: Float64Array, unit: Float64Array): void {
  const along = vector.reduce((sum, value, i) => sum + value * unit[i], 0)
  unit.forEach((value, i) => (vector[i] -= along * value))
}

const norm = (vector: Float64Array): number => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
