import type { Backend, CategoryGraph, GraphLayout, GraphSpace, Twins } from '../../src-main/contract/index.ts'

type Told = readonly [from: number, to: number, attention: number, cosine: number, other: number, shared: 0 | 1]

/** A category graph of given edges, class by class. */
export const graph = (
  space: GraphSpace,
  classes: number,
  edges: readonly Told[],
  over: Partial<CategoryGraph> = {},
): CategoryGraph => ({
  space,
  edges: {
    from: Int32Array.from(edges, ([from]) => from),
    to: Int32Array.from(edges, ([, to]) => to),
    attention: Float32Array.from(edges, ([, , attention]) => attention),
    cosine: Float32Array.from(edges, ([, , , cosine]) => cosine),
    otherCosine: Float32Array.from(edges, ([, , , , other]) => other),
    shared: Uint8Array.from(edges, ([, , , , , shared]) => shared),
  },
  self: new Float32Array(classes).fill(0.5),
  degrees: Int32Array.from({ length: classes }, (_, at) => edges.filter(([from]) => from === at).length),
  meanDegree: edges.length / classes,
  death: null,
  twins: [],
  ...over,
})

/** Four cats in a row: leopard – wildcat – cougar – panda; the visual graph sees leopard and panda alike instead. */
export const twins = (over: Partial<Twins> = {}): Twins => ({
  classes: ['leopard', 'wildcat', '003.Cougar', 'panda'].map((name, at) => ({
    name,
    role: at === 3 ? 'unseen' : 'seen',
    images: 10 * (at + 1),
    accuracy: 25 * (at + 1),
  })),
  left: graph('semantic', 4, [
    [0, 1, 0.4, 0.82, 0.7, 1],
    [0, 2, 0.3, 0.8, 0.1, 0],
    [1, 0, 0.4, 0.82, 0.7, 1],
    [2, 1, 0.2, 0.5, 0.4, 1],
    [2, 3, 0.2, 0.4, 0.3, 0],
  ]),
  right: graph('visual', 4, [
    [0, 3, 0.3, 0.9, 0.2, 0],
    [0, 1, 0.2, 0.7, 0.82, 1],
    [1, 0, 0.2, 0.7, 0.82, 1],
    [2, 1, 0.2, 0.4, 0.5, 1],
  ]),
  missing: null,
  propagationSteps: 1,
  used: true,
  rule: { kind: 'knn', neighbours: 2 },
  isometry: {
    meanDifference: 0.21,
    meanDivergence: 0.034,
    divergence: Float32Array.of(0.1, 0.02, 0.01, 0.006),
    leftOnly: 2,
    rightOnly: 1,
    both: 2,
  },
  ...over,
})

/** In a row from left to right. */
export const layout = (over: Partial<GraphLayout> = {}): GraphLayout => ({
  shared: Float32Array.of(-1, 0, -0.3, 0, 0.3, 0, 1, 0),
  left: Float32Array.of(-1, 0, -0.3, 0, 0.3, 0, 1, 0),
  right: Float32Array.of(-1, 0, -0.3, 0, 0.3, 0, -0.9, 0.5),
  clusters: Int32Array.of(0, 0, 0, 1),
  ...over,
})

/** A backend's answers about these graphs. */
export const graphAnswers = (
  over: Partial<Twins> = {},
): Pick<Backend, 'getTwins' | 'layOutTwins' | 'getGraphFilm' | 'exportTwins'> => ({
  getTwins: () => Promise.resolve(twins(over)),
  layOutTwins: () => Promise.resolve(layout()),
  getGraphFilm: () => Promise.resolve({ episodes: [], semanticMeanDegrees: [], visualMeanDegrees: [] }),
  exportTwins: ({ format }) =>
    Promise.resolve({ name: `graphs.${format}`, type: 'text/plain', bytes: new Uint8Array([1, 2, 3]) }),
})
