import type { Products } from '../compute/linear-algebra.ts'
import { gatherRows, ridgeSolver, transposed, type RidgeSolver } from '../compute/linear-algebra.ts'
import type { LearningData } from './learning-data.ts'

/**
 * ESZSL (Romera-Paredes and Torr 2015): W = (XᵀX + γI)⁻¹ XᵀY A (AᵀA + λI)⁻¹ with X the training features (N×D), Y their
 * classes as ±1 (N×S) and A the seen classes' attributes (S×K). An image scores xᵀ W a for a class with attributes a.
 * γ and λ are called ridges here, as γ is calibrated stacking's; both are in units of the mean diagonal of the matrix
 * that they are added to, so that they carry over to another number of images.
 */
export interface EszslRidges {
  readonly features: number
  readonly attributes: number
}

/** W transposed, K×D, so that images and attributes meet it by rows. */
export type EszslWeights = Float32Array

/** The closed form with everything that does not depend on the ridges done once. */
export interface Eszsl {
  /** (XᵀX + γI)⁻¹ XᵀY, transposed: S×D. */
  featureSide(ridge: number): Float32Array
  /** For each of `classes`: A (AᵀA + λI)⁻¹ a, one row of S values. With Q = X · featureSideᵀ the scores are Q · thisᵀ. */
  attributeSide(ridge: number, classes: Int32Array): Promise<Float32Array>
  weights(ridges: EszslRidges): Promise<EszslWeights>
}

/** An unknown attribute counts as 0, which is the mean where attributes are centred. */
export async function prepareEszsl(products: Products, data: LearningData): Promise<Eszsl> {
  const { featureWidth: D, attributeWidth: K, seenClasses } = data
  const attributes = data.attributes.map((value) => (Number.isNaN(value) ? 0 : value))
  const seenAttributes = gatherRows(attributes, K, seenClasses)
  const S = seenClasses.length

  const featureGram = await products.gram(data.features, D, data.rows)
  const attributeGram = await products.gram(attributes, K, seenClasses)
  const featureSolver = ridgeSolver(featureGram, signedClassSums(data), D)
  const featureUnit = meanDiagonal(featureGram, D)
  const attributeUnit = meanDiagonal(attributeGram, K)
  // A solver for as many classes as are asked for; the last one is kept, as its classes are asked for many times.
  let attributeSolver: { classes: Int32Array; solver: RidgeSolver } | null = null

  const featureSide = (ridge: number) => Float32Array.from(featureSolver.solve(ridge * featureUnit))
  const solvedAttributes = (ridge: number, classes: Int32Array): Float32Array => {
    if (attributeSolver?.classes !== classes) {
      const right = Float64Array.from(gatherRows(attributes, K, classes))
      attributeSolver = { classes, solver: ridgeSolver(attributeGram, right, K) }
    }
    return Float32Array.from(attributeSolver.solver.solve(ridge * attributeUnit))
  }
  return {
    featureSide,
    attributeSide: (ridge, classes) => products.timesTransposed(solvedAttributes(ridge, classes), seenAttributes, K),
    weights: (ridges) =>
      products.timesTransposed(
        transposed(solvedAttributes(ridges.attributes, seenClasses), K),
        transposed(featureSide(ridges.features), D),
        S,
      ),
  }
}

/** Scores of rows of scaled features (B×D) over classes given by their scaled attributes (C×K): B×C. */
export async function eszslScores(
  products: Products,
  weights: EszslWeights,
  images: Float32Array,
  featureWidth: number,
  attributes: Float32Array,
  attributeWidth: number,
): Promise<Float32Array> {
  const described = await products.timesTransposed(images, weights, featureWidth)
  return products.timesTransposed(
    described,
    attributes.map((value) => (Number.isNaN(value) ? 0 : value)),
    attributeWidth,
  )
}

/** (XᵀY)ᵀ, S×D: of each class the sum of its images minus the sum of all others. */
function signedClassSums({ features, featureWidth: D, labels, rows, seenClasses }: LearningData): Float64Array {
  const position = new Map(Array.from(seenClasses, (one, at) => [one, at]))
  const sums = new Float64Array(seenClasses.length * D)
  const all = new Float64Array(D)
  for (const image of rows) {
    const start = (position.get(labels[image]) ?? 0) * D
    for (let d = 0; d < D; d++) {
      const value = features[image * D + d]
      sums[start + d] += value
      all[d] += value
    }
  }
  return sums.map((sum, at) => 2 * sum - all[at % D])
}

function meanDiagonal(matrix: Float64Array, n: number): number {
  let trace = 0
  for (let i = 0; i < n; i++) trace += matrix[i * n + i]
  return trace / n
}
