import {
  add,
  constant,
  divide,
  greater,
  greaterOrEqual,
  input,
  matMul,
  multiply,
  scale,
  smallestOfTop,
  softmax,
  sqrt,
  stopGradient,
  subtract,
  sum,
  toFloat,
  where,
  type Dimension,
  type Expression,
} from '../compute/expression.ts'
import type { NetworkConfig } from './network-config.ts'

/** Far below every score, as the published code has it: softmax gives exactly 0. */
const nonEdge = -9e15
/** Ties in a row of cosines differ by rounding; they count as equal within this. */
const tieTolerance = 1e-5
/** Keeps a prototype of length 0 from dividing by 0; far below the square of any other length in float32. */
const smallest = 1e-24

/** What decides who is whose neighbour, and how sharply attention follows the cosine. */
export type EdgeConfig = Pick<NetworkConfig, 'edgeRule' | 'edgeDegrees' | 'attentionSharpness'>

export interface CategoryGraph {
  /** What the cosines are taken of, C×G: prototypes seen through P. */
  readonly rows: Expression
  /** C×C. */
  readonly cosine: Expression
  /** C×C; rows sum to 1, 0 where there is no edge. */
  readonly attention: Expression
  /** C×1: edges of each row, its own included. */
  readonly degrees: Expression
  /** One value: edges counted by row, each class's own included. */
  readonly edges: Expression
}

/** What the graph needs besides prototypes: the C×C identity, and for `knn` an int64 [1]: min(k + 1, C). */
export interface GraphInputs {
  readonly identity: Expression
  readonly neighbours: Expression
}

export const graphInputs = (classes: Dimension): GraphInputs => ({
  identity: input('identity', [classes, classes]),
  neighbours: input('neighbours', [1], 'int64'),
})

/** Rows scaled to length 1. */
export function unitRows(x: Expression): Expression {
  return divide(x, sqrt(add(sum(multiply(x, x), -1), constant(smallest))))
}

/** Cosine of every row with every other one, C×C. */
export function rowCosines(rows: Expression): Expression {
  const direction = unitRows(rows)
  return matMul(direction, direction, { transposeRight: true })
}

/** Steps 3 and 4 (METHOD.md section 2): prototypes C×H seen through the projection P, H×G. */
export function categoryGraph(
  prototypes: Expression,
  projection: Expression,
  config: EdgeConfig,
  inputs: GraphInputs,
): CategoryGraph {
  return rowGraph(matMul(prototypes, projection), config, inputs)
}

/** The same of rows that are seen through P already, or that no projection belongs to. */
export function rowGraph(rows: Expression, config: EdgeConfig, { identity, neighbours }: GraphInputs): CategoryGraph {
  const cosine = rowCosines(rows)
  // The mask is a constant for the gradient. Adding the identity keeps every class its own neighbour.
  const measured = stopGradient(cosine)
  const candidates = add(measured, identity)
  const mask =
    config.edgeRule === 'threshold'
      ? greater(candidates, constant(Math.cos((config.edgeDegrees * Math.PI) / 180)))
      : greaterOrEqual(candidates, subtract(smallestOfTop(measured, neighbours), constant(tieTolerance)))
  return {
    rows,
    cosine,
    attention: softmax(where(mask, scale(cosine, config.attentionSharpness), constant(nonEdge))),
    degrees: sum(toFloat(mask), -1),
    edges: sum(toFloat(mask), 0, 1),
  }
}
