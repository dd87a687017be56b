import { parameter, type Expression } from '../compute/expression.ts'
import type { NamedTensors } from '../compute/engine.ts'
import type { Random } from '../random.ts'
import type { DataWidths, NetworkConfig } from './network-config.ts'

/** All that is learned (METHOD.md section 2); weight matrices are input × output. */
export interface Parameters {
  readonly semantic: readonly { readonly weight: Expression; readonly bias: Expression }[]
  readonly visual: { readonly weight: Expression; readonly bias: Expression }
  /** P of either space; the same expression twice when the projection is shared. */
  readonly attention: { readonly semantic: Expression; readonly visual: Expression }
  readonly relation: {
    readonly image: Expression
    readonly prototype: Expression
    readonly bias: Expression
    readonly outWeight: Expression
    readonly outBias: Expression
  }
  readonly all: readonly Expression[]
}

export function createParameters(config: NetworkConfig, { attributes: K, features: D }: DataWidths): Parameters {
  const { hidden: H, attentionWidth: G } = config
  const semantic = Array.from({ length: config.semanticCentres }, (_, k) => ({
    weight: parameter(`semantic.${k}.weight`, [K, H]),
    bias: parameter(`semantic.${k}.bias`, [H]),
  }))
  const visual = { weight: parameter('visual.weight', [D, H]), bias: parameter('visual.bias', [H]) }
  const semanticAttention = parameter('attention.semantic', [H, G])
  const attention = {
    semantic: semanticAttention,
    visual: config.sharedAttention ? semanticAttention : parameter('attention.visual', [H, G]),
  }
  const relation = {
    image: parameter('relation.image', [D, H]),
    prototype: parameter('relation.prototype', [config.prototypes === 'both' ? 2 * H : H, H]),
    bias: parameter('relation.bias', [H]),
    outWeight: parameter('relation.out.weight', [H, 1]),
    outBias: parameter('relation.out.bias', [1]),
  }
  const all = [
    ...semantic.flatMap(({ weight, bias }) => [weight, bias]),
    ...Object.values(visual),
    ...new Set(Object.values(attention)),
    ...Object.values(relation),
  ]
  return { semantic, visual, attention, relation, all }
}

export const parameterName = (expression: Expression): string => (expression.operation as { name: string }).name

/** METHOD.md section 12: most layers uniform ±1/√inputs, weights and biases; W_x, W_z and P uniform ±1/√outputs; b zero. */
export function initialise({ semantic, visual, relation, all }: Parameters, random: Random): NamedTensors {
  const byInputs = new Map<Expression, Expression>([
    ...semantic.map(({ weight, bias }) => [bias, weight] as const),
    [visual.bias, visual.weight],
    [relation.outBias, relation.outWeight],
  ])
  const weightsByInputs = new Set(byInputs.values())
  const bound = (x: Expression): number => {
    if (x === relation.bias) return 0
    const weight = byInputs.get(x) ?? x
    return 1 / Math.sqrt(weight.shape[weightsByInputs.has(weight) ? 0 : 1] as number)
  }
  return Object.fromEntries(
    all.map((x) => {
      const shape = x.shape as readonly number[]
      const limit = bound(x)
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1))
      // A plain loop: `from` takes three times as long, and a million values are usual.
      for (let i = 0; i < data.length; i++) data[i] = (2 * random.uniform() - 1) * limit
      return [parameterName(x), { data, shape }]
    }),
  )
}

export const countParameters = ({ all }: Parameters): number =>
  all.reduce((total, { shape }) => total + shape.reduce<number>((product, size) => product * Number(size), 1), 0)
