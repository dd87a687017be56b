import type { Expression } from '../compute/expression.ts'
import { input } from '../compute/expression.ts'
import { graphInputs } from '../method/category-graph.ts'
import type { Network } from '../method/network.ts'
import type { DataWidths, NetworkConfig } from '../method/network-config.ts'
import { propagate } from '../method/propagation.ts'
import { semanticPrototypes, visualPrototypes } from '../method/prototypes.ts'
import { finalPrototypes, projectPrototypes } from '../method/relation-score.ts'

type Outputs<Names extends string> = Readonly<Record<Names, Expression>>

/**
 * `network.graphs[0]` in two: while one class changes, the prototypes of the others stay, and they are most of the work.
 * Fed as `classes` is; the second takes what the first gives, under the same names.
 */
export interface SplitNetwork {
  /** C×H, before propagation. */
  readonly prototypes: Outputs<'semanticPrototypes' | 'visualPrototypes'>
  /** `projected` C×H; cosines and attentions of the first graphs, C×C. */
  readonly graphs: Outputs<'projected' | 'semanticCosine' | 'visualCosine' | 'semanticAttention' | 'visualAttention'>
}

export function splitNetwork({ parameters }: Network, config: NetworkConfig, widths: DataWidths): SplitNetwork {
  const { attributes: K, features: D } = widths
  const described = {
    attributes: input('attributes', ['C', K]),
    known: input('known', ['C', K]),
    centres: input('centres', [config.semanticCentres, K]),
  }
  const given = {
    semantic: input('semanticPrototypes', ['C', config.hidden]),
    visual: input('visualPrototypes', ['C', config.hidden]),
  }
  const steps = propagate(parameters, given, config, graphInputs('C'))
  const [{ semanticGraph, visualGraph }] = steps
  return {
    prototypes: {
      semanticPrototypes: semanticPrototypes(parameters, described),
      visualPrototypes: visualPrototypes(parameters, input('classMeans', ['C', D])),
    },
    graphs: {
      projected: projectPrototypes(parameters, finalPrototypes(steps[steps.length - 1], config)),
      semanticCosine: semanticGraph.cosine,
      visualCosine: visualGraph.cosine,
      semanticAttention: semanticGraph.attention,
      visualAttention: visualGraph.attention,
    },
  }
}
