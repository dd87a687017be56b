import { add, matMul, multiply, relu, slice, subtract, type Expression } from '../compute/expression.ts'
import type { Parameters } from './parameters.ts'

/**
 * Equation 1 (METHOD.md section 2): s_c = Σ_k ReLU((a_c − μ_k) W_k + b_k).
 * attributes C×K with unknown values as any number, known C×K with 0 where unknown, centres k×K → C×H.
 */
export function semanticPrototypes(
  parameters: Parameters,
  { attributes, known, centres }: { attributes: Expression; known: Expression; centres: Expression },
): Expression {
  return parameters.semantic
    .map(({ weight, bias }, k) => {
      const difference = multiply(subtract(attributes, slice(centres, 0, k, k + 1)), known)
      return relu(add(matMul(difference, weight), bias))
    })
    .reduce(add)
}

/** Equation 2: v_c = m_c W_v + b_v; class means C×D → C×H. */
export function visualPrototypes({ visual }: Parameters, classMeans: Expression): Expression {
  return add(matMul(classMeans, visual.weight), visual.bias)
}
