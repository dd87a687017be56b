import {
  add,
  constant,
  exp,
  log,
  max,
  multiply,
  scale,
  stopGradient,
  subtract,
  sum,
  type Expression,
} from '../compute/expression.ts'
import type { NetworkConfig } from './network-config.ts'
import type { PropagationStep } from './propagation.ts'

/** ε of METHOD.md section 3, added to both attention matrices before the logarithm. */
export const attentionEpsilon = 1e-7

/**
 * Cross-entropy of scores/T over the episode's classes, mean over the queries.
 * scores B×C, target B×C one-hot → [1, 1]. Log-softmax is written out: as one operation it has no GPU kernel.
 */
export function crossEntropy(scores: Expression, target: Expression, temperature: number): Expression {
  const logits = scale(scores, 1 / temperature)
  const shifted = subtract(logits, stopGradient(max(logits, -1)))
  const logProbability = subtract(shifted, log(sum(exp(shifted), -1)))
  return scale(sum(multiply(logProbability, target), 0, 1), -1 / Number(scores.shape[0]))
}

/** KL(p ‖ q) = (1/C) Σ_ij (p + ε)(log(p + ε) − log(q + ε)) over two C×C attention matrices → [1, 1]. */
function divergence(p: Expression, q: Expression): Expression {
  const [a, b] = [add(p, constant(attentionEpsilon)), add(q, constant(attentionEpsilon))]
  return scale(sum(multiply(a, subtract(log(a), log(b))), 0, 1), 1 / Number(p.shape[0]))
}

/** The consistency loss (METHOD.md section 3), unweighted; for `none` the KL of the last step, which is only reported. */
export function consistencyLoss(steps: readonly PropagationStep[], kind: NetworkConfig['consistency']): Expression {
  const { semanticGraph, visualGraph } = steps[steps.length - 1]
  switch (kind) {
    case 'none':
    case 'last':
      return divergence(visualGraph.attention, semanticGraph.attention)
    case 'reversed':
      return divergence(semanticGraph.attention, visualGraph.attention)
    case 'every':
      return scale(
        steps.map((step) => divergence(step.visualGraph.attention, step.semanticGraph.attention)).reduce(add),
        1 / steps.length,
      )
    case 'mse': {
      const difference = subtract(visualGraph.cosine, semanticGraph.cosine)
      return scale(sum(multiply(difference, difference), 0, 1), 1 / Number(difference.shape[0]) ** 2)
    }
  }
}
