import { add, concat, matMul, relu, reshape, type Expression } from '../compute/expression.ts'
import type { NetworkConfig } from './network-config.ts'
import type { Parameters } from './parameters.ts'

/** Step 6 (METHOD.md section 2): z_c = [s_c ; v_c], or one of them. */
export function finalPrototypes(
  { semantic, visual }: { readonly semantic: Expression; readonly visual: Expression },
  { prototypes }: Pick<NetworkConfig, 'prototypes'>,
): Expression {
  return prototypes === 'both' ? concat([semantic, visual], 1) : prototypes === 'semantic' ? semantic : visual
}

/** z W_z + b: the part of the relation score that is the same for every image, C×H. */
export function projectPrototypes({ relation }: Parameters, prototypes: Expression): Expression {
  return add(matMul(prototypes, relation.prototype), relation.bias)
}

/**
 * Step 7 without its last addend: f(x, c) − b_o = w · ReLU(x W_x + z_c W_z + b), images B×D and projected prototypes
 * C×H → B×C. Neither product depends on the pair, so each is taken once and only their sum is formed for all pairs.
 */
export function relativeScores({ relation }: Parameters, images: Expression, projected: Expression): Expression {
  const [B, C] = [images.shape[0], projected.shape[0]]
  const H = projected.shape[1]
  const pairs = add(reshape(matMul(images, relation.image), [B, 1, H]), reshape(projected, [1, C, H]))
  return reshape(matMul(relu(pairs), relation.outWeight), [B, C])
}

/** Step 7: f(x, c), B×C. */
export function relationScores(parameters: Parameters, images: Expression, projected: Expression): Expression {
  return add(relativeScores(parameters, images, projected), parameters.relation.outBias)
}
