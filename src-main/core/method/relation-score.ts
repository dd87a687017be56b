import { add, concat, matMul, relu, reshape, slice, type Expression } from '../compute/expression.ts'
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

/** Bytes. WebGPU promises that a shader can bind a buffer of this size, and many adapters allow no larger one. */
const largestTensor = 128 * 2 ** 20

/**
 * Step 7 without its last addend: f(x, c) − b_o = w · ReLU(x W_x + z_c W_z + b), images B×D and projected prototypes
 * C×H → B×C. Neither product depends on the pair, so each is taken once and only their sum is formed for all pairs: for
 * some of the images at a time where B, C and H are known and B×C×H would be larger than `limit` bytes.
 */
export function relativeScores(
  parameters: Parameters,
  images: Expression,
  projected: Expression,
  limit = largestTensor,
): Expression {
  return relativePairs(parameters, projectImages(parameters, images), projected, limit)
}

/** x W_x: the part of the relation score that is the same for every class, B×H. */
export function projectImages({ relation }: Parameters, images: Expression): Expression {
  return matMul(images, relation.image)
}

function relativePairs({ relation }: Parameters, seen: Expression, projected: Expression, limit: number): Expression {
  const [C, H] = projected.shape
  const scoresOf = (piece: Expression): Expression => {
    const [B] = piece.shape
    const pairs = add(reshape(piece, [B, 1, H]), reshape(projected, [1, C, H]))
    return reshape(matMul(relu(pairs), relation.outWeight), [B, C])
  }
  const pieces = cut(seen, limit / (Float32Array.BYTES_PER_ELEMENT * Number(C) * Number(H)))
  return pieces.length === 1 ? scoresOf(seen) : concat(pieces.map(scoresOf), 0)
}

/** Slices of at most `largest` rows (but one) and about the same size; a matrix of unknown sizes stays whole. */
function cut(x: Expression, largest: number): Expression[] {
  const rows = Number(x.shape[0])
  const count = Math.ceil(rows / Math.max(1, Math.floor(largest)))
  if (!(count > 1)) return [x]
  const edge = (at: number) => Math.floor((at * rows) / count)
  return Array.from({ length: count }, (_, at) => slice(x, 0, edge(at), edge(at + 1)))
}

/** Step 7: f(x, c), B×C. */
export function relationScores(parameters: Parameters, images: Expression, projected: Expression): Expression {
  return add(relativeScores(parameters, images, projected), parameters.relation.outBias)
}

/** The same from images that are projected already, B×H: for images whose classes change while they stay. */
export function pairScores(parameters: Parameters, seen: Expression, projected: Expression): Expression {
  return add(relativePairs(parameters, seen, projected, largestTensor), parameters.relation.outBias)
}
