import { matMul, type Expression } from '../compute/expression.ts'
import { categoryGraph, type CategoryGraph, type GraphInputs } from './category-graph.ts'
import type { NetworkConfig } from './network-config.ts'
import type { Parameters } from './parameters.ts'

export interface PropagationStep {
  /** The graphs before this step's propagation. */
  readonly semanticGraph: CategoryGraph
  readonly visualGraph: CategoryGraph
  /** The prototypes after it, C×H. */
  readonly semantic: Expression
  readonly visual: Expression
}

/**
 * Step 5 (METHOD.md section 2): p ← α p in either space, τ times, the graph rebuilt each time.
 * With τ = 0 there is one step whose attention is computed for the loss and whose prototypes are unchanged.
 */
export function propagate(
  parameters: Parameters,
  prototypes: { readonly semantic: Expression; readonly visual: Expression },
  config: NetworkConfig,
  inputs: GraphInputs,
): PropagationStep[] {
  const steps: PropagationStep[] = []
  let { semantic, visual } = prototypes
  do {
    const semanticGraph = categoryGraph(semantic, parameters.attention.semantic, config, inputs)
    const visualGraph = categoryGraph(visual, parameters.attention.visual, config, inputs)
    if (config.propagationSteps > 0) {
      semantic = matMul(semanticGraph.attention, semantic)
      visual = matMul(visualGraph.attention, visual)
    }
    steps.push({ semanticGraph, visualGraph, semantic, visual })
  } while (steps.length < config.propagationSteps)
  return steps
}
