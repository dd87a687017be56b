import type { CategoryGraph, GraphSpace, Twins } from '../../../contract/index.ts'

/** What every format is made from. */
export interface Picture {
  /** What it is of, on one line each: the dataset, then the run, step and rule. */
  readonly title: string
  readonly caption: string
  readonly classes: Twins['classes']
  /** One or two, left to right. */
  readonly graphs: readonly CategoryGraph[]
  /** x and y by turns, −1 to 1; y grows downwards. */
  readonly positions: Float32Array
}

export const spaceNames: Readonly<Record<GraphSpace, string>> = {
  semantic: 'Semantic',
  visual: 'Visual',
  attributes: 'Attributes',
  features: 'Features',
}

/** One edge after the other, of one graph. */
export function* edgesOf({ edges }: CategoryGraph) {
  for (let at = 0; at < edges.from.length; at++) {
    yield {
      from: edges.from[at],
      to: edges.to[at],
      attention: short(edges.attention[at]),
      cosine: short(edges.cosine[at]),
      otherCosine: Number.isNaN(edges.otherCosine[at]) ? null : short(edges.otherCosine[at]),
      shared: edges.shared[at] === 1,
    }
  }
}

/** As many digits as a 32-bit float knows. */
export const short = (value: number): number => Number(value.toPrecision(6))
