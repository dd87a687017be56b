import { add, input, matMul, slice, subtract, type Dimension, type Expression } from '../compute/expression.ts'
import { gradients } from '../compute/gradients.ts'
import type { GraphInputs } from '../method/category-graph.ts'
import type { DataWidths, NetworkConfig } from '../method/network-config.ts'
import type { Parameters } from '../method/parameters.ts'
import { propagate } from '../method/propagation.ts'
import { semanticPrototypes, visualPrototypes } from '../method/prototypes.ts'
import { finalPrototypes, pairScores, projectPrototypes } from '../method/relation-score.ts'

/**
 * What an explanation asks of IPN, from the expressions that train and score. C classes, K attributes, H hidden.
 * Described otherwise, a class keeps what stands for its photos, so that only the semantic space has to be computed again.
 */
export interface RedescribedNetwork {
  /**
   * `semantic` C×H before and `visual` C×H after propagation, `projected` C×H for `pairs` of the network, and the
   * attentions `semantic.t` and `visual.t`, C×C.
   */
  readonly prototypes: Readonly<Record<string, Expression>>
  /** `scores` 1×C of an image, with one class described otherwise. */
  readonly rescored: Readonly<Record<'scores', Expression>>
  /**
   * For two classes of `classes`: `difference` of their scores, and its gradients `byKnown` and `byAttributes` (2×K) with
   * respect to how far either's attributes are known (0: not at all, 1: as they are) and to their values. The same object
   * for the same number.
   */
  compared(classes: number): Readonly<Record<'difference' | 'byKnown' | 'byAttributes', Expression>>
}

/** Attentions are numbered from 0; with τ = 0 there is one, through which nothing flows. */
export const attentionName = (space: 'semantic' | 'visual', step: number): string => `${space}.${step}`

export function redescribedNetwork(
  parameters: Parameters,
  config: NetworkConfig,
  { attributes: K, features: D }: DataWidths,
): RedescribedNetwork {
  const { hidden: H } = config
  const centres = input('centres', [config.semanticCentres, K])
  const graphInputs = (classes: Dimension): GraphInputs => ({
    identity: input('identity', [classes, classes]),
    neighbours: input('neighbours', [1], 'int64'),
  })
  const semantic = semanticPrototypes(parameters, {
    attributes: input('attributes', ['C', K]),
    known: input('known', ['C', K]),
    centres,
  })
  const visual = visualPrototypes(parameters, input('classMeans', ['C', D]))
  const steps = propagate(parameters, { semantic, visual }, config, graphInputs('C'))
  const last = steps[steps.length - 1]

  /**
   * The semantic space with some classes, the `rows`, described anew. `others` C×H are the semantic prototypes with zeros
   * in their place, `place` C×rows has a one where each belongs. The visual space is fed as it is after propagation.
   */
  const redescribed = (classes: Dimension, rows: number) => {
    const attributes = input('attributes', [rows, K])
    const known = input('known', [rows, K])
    const place = input('place', [classes, rows])
    const visual = input('visual', [classes, H])
    const anew = matMul(place, semanticPrototypes(parameters, { attributes, known, centres }))
    const first = add(input('others', [classes, H]), anew)
    const steps = propagate(parameters, { semantic: first, visual }, config, graphInputs(classes))
    return { attributes, known, place, visual, first, steps }
  }
  const seen = input('seen', [1, H])
  const scoresOf = (space: { semantic: Expression; visual: Expression }) =>
    pairScores(parameters, seen, projectPrototypes(parameters, finalPrototypes(space, config)))

  const rescored = (): Expression => {
    const { steps, visual } = redescribed('C', 1)
    return scoresOf({ semantic: steps[steps.length - 1].semantic, visual })
  }
  const compared = (classes: number) => {
    const { attributes, known, place, visual, first, steps } = redescribed(classes, 2)
    const rowsOf = (x: Expression) => matMul(place, x, { transposeLeft: true })
    // Two rows of the last product are all that is needed of it.
    const before = steps.length > 1 ? steps[steps.length - 2].semantic : first
    const { attention } = steps[steps.length - 1].semanticGraph
    const semantic = config.propagationSteps > 0 ? matMul(rowsOf(attention), before) : rowsOf(first)
    const scores = scoresOf({ semantic, visual: rowsOf(visual) })
    const difference = subtract(slice(scores, 1, 0, 1), slice(scores, 1, 1, 2))
    const [byKnown, byAttributes] = gradients(difference, [known, attributes])
    return { difference, byKnown, byAttributes }
  }
  const made = new Map<number, ReturnType<typeof compared>>()

  return {
    prototypes: {
      semantic,
      visual: last.visual,
      projected: projectPrototypes(parameters, finalPrototypes(last, config)),
      ...Object.fromEntries(
        steps.flatMap(({ semanticGraph, visualGraph }, t) => [
          [attentionName('semantic', t), semanticGraph.attention],
          [attentionName('visual', t), visualGraph.attention],
        ]),
      ),
    },
    rescored: { scores: rescored() },
    compared: (classes) => {
      const outputs = made.get(classes) ?? compared(classes)
      made.set(classes, outputs)
      return outputs
    },
  }
}
