import { add, input, matMul, scale, type Dimension, type Expression } from '../compute/expression.ts'
import type { AdamConfig, Feeds, NamedTensor, TrainingGraph } from '../compute/engine.ts'
import { categoryGraph, graphInputs, unitRows, type CategoryGraph } from './category-graph.ts'
import { fedInputs, type EpisodeInputs, type EpisodeSizes } from './episode-inputs.ts'
import { consistencyLoss, crossEntropy } from './loss.ts'
import type { DataWidths, NetworkConfig } from './network-config.ts'
import { createParameters, type Parameters } from './parameters.ts'
import { propagate, type PropagationStep } from './propagation.ts'
import { semanticPrototypes, visualPrototypes } from './prototypes.ts'
import {
  finalPrototypes,
  pairScores,
  projectImages,
  projectPrototypes,
  relationScores,
  relativeScores,
} from './relation-score.ts'

/** IPN as graphs from one description: a training step, the anchors, the classes, the scores, the pictures. They cannot disagree. */
export interface Network {
  readonly parameters: Parameters
  /** One episode of `classes` classes and `queries` images; all about them is fed, unless `inputs` says otherwise. */
  episode(sizes: EpisodeSizes, adam: AdamConfig, inputs?: EpisodeInputs): EpisodeGraph
  /** `similarity` U×S: cosine(s_c P_s, s_j P_s) of other classes to seen ones, s before propagation (METHOD.md section 5). */
  readonly anchors: Readonly<Record<'similarity', Expression>>
  /** `projected` C×H for `scores`, and how many edges either graph has at every step. */
  readonly classes: Readonly<Record<string, Expression>>
  /** For t = 0 to τ, fed as `classes` is: the category graphs of p^t; that of p^τ is not used unless τ = 0. */
  readonly graphs: readonly GraphOutputs[]
  /** `scores` B×C. */
  readonly scores: Readonly<Record<'scores', Expression>>
  /** The same in two: `seen` B×H of images, and `scores` B×C of those, for images that stay while classes change. */
  readonly images: Readonly<Record<'seen', Expression>>
  readonly pairs: Readonly<Record<'scores', Expression>>
}

type SpaceOutputs<Space extends string> = Readonly<
  Record<`${Space}${'Rows' | 'Cosine' | 'Attention' | 'Degrees' | 'After'}`, Expression>
>

/**
 * Of either space: `Rows` C×G, prototypes seen through P; `Cosine` and `Attention` C×C; `Degrees` C×1, each class itself
 * included; `After` C×C, cosines once this graph has propagated (the same as `Cosine` where it does not). And `projected`.
 */
export type GraphOutputs = SpaceOutputs<'semantic'> & SpaceOutputs<'visual'> & Readonly<Record<'projected', Expression>>

export interface EpisodeGraph extends TrainingGraph {
  readonly steps: readonly PropagationStep[]
  readonly prototypes: Expression
  readonly scores: Expression
}

let identity: NamedTensor | null = null
/** What a graph over `classes` classes is fed besides data. */
export function graphFeeds(classes: number, { edgeNeighbours }: Pick<NetworkConfig, 'edgeNeighbours'>) {
  if (identity?.shape[0] !== classes) {
    const data = new Float32Array(classes * classes)
    for (let c = 0; c < classes; c++) data[c * classes + c] = 1
    // The last one is kept: a training asks for the same at every step.
    identity = { data, shape: [classes, classes] }
  }
  return {
    identity,
    neighbours: { integers: [Math.min(edgeNeighbours + 1, classes)] },
  } satisfies Feeds
}

export function createNetwork(config: NetworkConfig, widths: DataWidths): Network {
  const parameters = createParameters(config, widths)
  const { attributes: K, features: D } = widths
  const centres = input('centres', [config.semanticCentres, K])
  const described = (classes: Dimension, prefix = '') => ({
    attributes: input(`${prefix}attributes`, [classes, K]),
    known: input(`${prefix}known`, [classes, K]),
    centres,
  })
  const propagated = (
    { attributes, known, classMeans }: Omit<EpisodeInputs, 'images'>,
    inputs: ReturnType<typeof graphInputs>,
  ): PropagationStep[] => {
    const semantic = semanticPrototypes(parameters, { attributes, known, centres })
    const visual = visualPrototypes(parameters, classMeans)
    return propagate(parameters, { semantic, visual }, config, inputs)
  }
  const final = (steps: readonly PropagationStep[]) => finalPrototypes(steps[steps.length - 1], config)

  const episode: Network['episode'] = (sizes, adam, given = fedInputs(sizes, widths)) => {
    const { classes, queries } = sizes
    const steps = propagated(given, graphInputs(classes))
    const prototypes = final(steps)
    const relative = relativeScores(parameters, given.images, projectPrototypes(parameters, prototypes))
    const scores = add(relative, parameters.relation.outBias)
    // Cross-entropy does not change when all scores shift: left out, b_o gets its exact gradient 0 and not rounding noise.
    const classification = crossEntropy(relative, input('target', [queries, classes]), config.logitTemperature)
    const consistency = consistencyLoss(steps, config.consistency)
    const loss =
      config.consistency === 'none' ? classification : add(classification, scale(consistency, config.consistencyWeight))
    const { semanticGraph, visualGraph } = steps[steps.length - 1]
    const outputs = { classification, consistency, semanticEdges: semanticGraph.edges, visualEdges: visualGraph.edges }
    return { loss, parameters: parameters.all, outputs, adam, steps, prototypes, scores }
  }

  const through = (x: Expression) => unitRows(matMul(x, parameters.attention.semantic))
  const similarity = matMul(
    through(semanticPrototypes(parameters, described('U'))),
    through(semanticPrototypes(parameters, described('S', 'seen.'))),
    { transposeRight: true },
  )

  const inputs = graphInputs('C')
  const steps = propagated({ ...described('C'), classMeans: input('classMeans', ['C', D]) }, inputs)
  const prototypes = final(steps)
  const classes = {
    projected: projectPrototypes(parameters, prototypes),
    ...Object.fromEntries(
      steps.flatMap(({ semanticGraph, visualGraph }, t) => [
        [`semanticEdges.${t}`, semanticGraph.edges],
        [`visualEdges.${t}`, visualGraph.edges],
      ]),
    ),
  }
  const last = steps[steps.length - 1]
  const { semantic, visual } = parameters.attention
  // With τ = 0 the graph of p^0 is that of p^τ.
  const graphsOf = (space: 'semanticGraph' | 'visualGraph', end: CategoryGraph): CategoryGraph[] =>
    [...steps.map((step) => step[space]), end].slice(0, config.propagationSteps + 1)
  const semanticGraphs = graphsOf('semanticGraph', categoryGraph(last.semantic, semantic, config, inputs))
  const visualGraphs = graphsOf('visualGraph', categoryGraph(last.visual, visual, config, inputs))
  const graphs = semanticGraphs.map((_, t) => ({
    projected: classes.projected,
    ...named('semantic', semanticGraphs, t),
    ...named('visual', visualGraphs, t),
  }))
  const images = input('images', ['B', D])
  const projected = input('projected', ['C', config.hidden])
  const seen = input('seen', ['B', config.hidden])
  return {
    parameters,
    episode,
    anchors: { similarity },
    classes,
    graphs,
    scores: { scores: relationScores(parameters, images, projected) },
    images: { seen: projectImages(parameters, images) },
    pairs: { scores: pairScores(parameters, seen, projected) },
  }
}

function named<Space extends string>(space: Space, graphs: readonly CategoryGraph[], t: number): SpaceOutputs<Space> {
  const { rows, cosine, attention, degrees } = graphs[t]
  return {
    [`${space}Rows`]: rows,
    [`${space}Cosine`]: cosine,
    [`${space}Attention`]: attention,
    [`${space}Degrees`]: degrees,
    [`${space}After`]: (graphs.at(t + 1) ?? graphs[t]).cosine,
  } as SpaceOutputs<Space>
}
