import type { EdgeRule, TrainingConfig } from '../../contract/index.ts'
import type { Engine, Program } from '../compute/engine.ts'
import { input, matMul } from '../compute/expression.ts'
import { graphInputs, rowCosines, rowGraph } from '../method/category-graph.ts'
import { graphFeeds } from '../method/network.ts'

/** One space's graph over C classes, as numbers. */
export interface SpaceGraph {
  /** C×C; NaN beside a class that has nothing to compare. */
  readonly cosine: Float32Array
  /** C×C. */
  readonly attention: Float32Array
  /** Edges of each row, its own included. */
  readonly degrees: Float32Array
  /** C×C: cosines once this graph has propagated. */
  readonly after: Float32Array
}

/** Looks at rows of any kind by any rule, with the expressions that train. */
export interface Lens {
  /** @param rows C rows. `next`: the rows once the graph has propagated. */
  look(rows: Float32Array, classes: number, rule: EdgeRule): Promise<SpaceGraph & { next: Float32Array }>
  release(): Promise<void>
}

export const edgeRuleOf = (config: Pick<TrainingConfig, 'edgeRule' | 'edgeDegrees' | 'edgeNeighbours'>): EdgeRule =>
  config.edgeRule === 'knn'
    ? { kind: 'knn', neighbours: config.edgeNeighbours }
    : { kind: 'threshold', degrees: config.edgeDegrees }

export function createLens(engine: Engine, attentionSharpness: number): Lens {
  const compile = (edgeRule: EdgeRule['kind'], edgeDegrees: number): Promise<Program> => {
    const rows = input('rows', ['C', 'W'])
    const graph = rowGraph(rows, { edgeRule, edgeDegrees, attentionSharpness }, graphInputs('C'))
    const { cosine, attention, degrees } = graph
    const next = matMul(attention, rows)
    return engine.program({ cosine, attention, degrees, next, after: rowCosines(next) })
  }
  // k is fed, so that one program serves every k; an angle is part of its program.
  let nearest: Promise<Program> | null = null

  return {
    look: async (rows, classes, rule) => {
      const program = await (rule.kind === 'knn' ? (nearest ??= compile('knn', 0)) : compile('threshold', rule.degrees))
      const edgeNeighbours = rule.kind === 'knn' ? rule.neighbours : 1
      const found = await program.run({
        ...graphFeeds(classes, { edgeNeighbours }),
        rows: { data: rows, shape: [classes, rows.length / classes] },
      })
      if (rule.kind === 'threshold') await program.release()
      const { cosine, attention, degrees, after, next } = found
      return {
        ...{ cosine: cosine.data, attention: attention.data, degrees: degrees.data },
        ...{ after: after.data, next: next.data },
      }
    },
    release: async () => (await nearest)?.release(),
  }
}
