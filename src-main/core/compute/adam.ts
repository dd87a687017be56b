import { add, constant, divide, input, multiply, scale, sqrt, subtract, type Expression } from './expression.ts'
import type { TrainingGraph } from './engine.ts'
import { gradients } from './gradients.ts'

/** Names of a parameter's moments, and of what a step makes of each. */
export const firstMoment = (name: string): string => `first moment of ${name}`
export const secondMoment = (name: string): string => `second moment of ${name}`
export const next = (name: string): string => `next ${name}`

/**
 * Adam (METHOD.md section 3) as expressions, for engines whose state stays on a card. Takes `rate` = lr / (1 − β1^t) and
 * `correction` = 1 / √(1 − β2^t), both [1]; gives `next …` for every parameter and moment.
 */
export function adamStep({ loss, parameters, adam }: TrainingGraph): Record<string, Expression> {
  const byParameter = gradients(loss, parameters)
  const [rate, correction] = [input('rate', [1]), input('correction', [1])]
  const entries = parameters.flatMap((x, at) => {
    const { name } = x.operation as { name: string }
    const g = add(byParameter[at], scale(x, adam.weightDecay))
    const first = add(scale(input(firstMoment(name), x.shape), adam.beta1), scale(g, 1 - adam.beta1))
    const second = add(scale(input(secondMoment(name), x.shape), adam.beta2), scale(multiply(g, g), 1 - adam.beta2))
    const change = divide(multiply(rate, first), add(multiply(sqrt(second), correction), constant(adam.epsilon)))
    return [
      [next(name), subtract(x, change)],
      [next(firstMoment(name)), first],
      [next(secondMoment(name)), second],
    ] as const
  })
  return Object.fromEntries(entries)
}

/** The two numbers of step t (from 1) that Adam's bias correction needs. */
export function adamScalars(step: number, learningRate: number, { beta1, beta2 }: TrainingGraph['adam']) {
  return { rate: learningRate / (1 - beta1 ** step), correction: 1 / Math.sqrt(1 - beta2 ** step) }
}
