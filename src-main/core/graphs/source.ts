import type { EdgeRule, GraphClass, GraphSpace } from '../../contract/index.ts'
import type { SpaceGraph } from './lens.ts'

/** One set of classes whose graphs can be looked at: a run's, with or without the person's classes, or a dataset's. */
export interface GraphSource {
  /** Of the dataset. */
  readonly name: string
  /** What else a caption says: which run, and of when. */
  readonly caption: readonly string[]
  readonly classes: readonly GraphClass[]
  /** τ; null for a dataset. */
  readonly propagationSteps: number | null
  /** The rule of the run; a dataset's default. */
  readonly rule: EdgeRule
  /** The space that a question means here, or why it cannot be drawn. */
  spaceOf(asked: GraphSpace): GraphSpace | { readonly missing: string }
  /** `step` is one of the source's. */
  graph(space: GraphSpace, step: number, rule: EdgeRule): Promise<SpaceGraph>
}

export const isLearned = (space: GraphSpace): space is 'semantic' | 'visual' =>
  space === 'semantic' || space === 'visual'

export const sameRule = (a: EdgeRule, b: EdgeRule): boolean =>
  a.kind === 'knn'
    ? b.kind === 'knn' && a.neighbours === b.neighbours
    : b.kind === 'threshold' && a.degrees === b.degrees

/** A graph that does not propagate: its classes stay where they are. */
export const ofRows = (graph: Omit<SpaceGraph, 'after'>): SpaceGraph => ({ ...graph, after: graph.cosine })

/** Unknown attributes as 0, the mean where attributes are centred. */
export const known = (attributes: Float32Array): Float32Array =>
  attributes.map((value) => (Number.isNaN(value) ? 0 : value))
