import type { Contribution, Explanation } from '../../contract/index.ts'
import { AppError } from '../../contract/index.ts'
import type { Explainable } from './explainable.ts'
import { findFlip } from './flip.ts'

const ranked = 5
const mostFlow = 12
/** Of what flowed in, less is not worth a line. */
const smallestShare = 1e-3

/** All that is said of an image but what it looks like. Throws `explain/no-such-class`. */
export async function explain(
  model: Explainable,
  attributes: readonly string[],
  gamma: number,
  against: number | null,
): Promise<Omit<Explanation, 'similar'>> {
  const { classes, scores } = model
  const taken = (of: Float32Array, one: number, at: number): number => of[one] - (classes[one].role === 'seen' ? at : 0)
  /** Best first at some γ; ties go to the lower class (METHOD.md section 5). */
  const ranking = (of: Float32Array, at: number): number[] =>
    [...of.keys()].sort((a, b) => taken(of, b, at) - taken(of, a, at) || a - b)
  const order = ranking(scores, gamma)
  const [winner, second] = order
  const runnerUp = against ?? second
  if (runnerUp >= classes.length || runnerUp === winner) {
    throw new AppError('explain/no-such-class', 'There is no such class to compare with.', {
      next: 'Choose another class than the one that wins.',
    })
  }

  const difference = scores[winner] - scores[runnerUp]
  const { baseline, throughFirst, throughSecond } = await model.attribute(winner, runnerUp)
  const [winnerValues, runnerUpValues] = [model.described(winner), model.described(runnerUp)]
  const contributions = attributes
    .map((_, attribute): Contribution => ({
      attribute,
      winnerValue: winnerValues[attribute],
      runnerUpValue: runnerUpValues[attribute],
      throughWinner: throughFirst[attribute],
      throughRunnerUp: throughSecond[attribute],
    }))
    .filter(({ throughWinner, throughRunnerUp }) => throughWinner !== 0 || throughRunnerUp !== 0)
    .sort((a, b) => Math.abs(total(b)) - Math.abs(total(a)))
  const explained = contributions.reduce((sum, one) => sum + total(one), baseline)

  const lead = taken(scores, winner, gamma) - taken(scores, second, gamma)
  const flip = await findFlip(model, { winner, second, lead, winnerOf: (of) => ranking(of, gamma)[0] })
  const flow = (one: number) => flowOf(model, one)
  const [ofWinner, ofRunnerUp] = [flow(winner), flow(runnerUp)]
  return {
    classes: classes.map(({ name, role }) => ({ name, role })),
    attributes: [...attributes],
    ranking: order.slice(0, ranked).map((one) => ({ class: one, score: scores[one] })),
    ...{ winner, runnerUp, gamma, winnerWithoutGamma: ranking(scores, 0)[0] },
    ...{ difference, baseline, contributions, remainder: difference - explained, how: model.how },
    flow: ofWinner && ofRunnerUp ? { winner: ofWinner, runnerUp: ofRunnerUp } : null,
    flip,
  }
}

const total = ({ throughWinner, throughRunnerUp }: Contribution): number => throughWinner + throughRunnerUp

function flowOf(model: Explainable, one: number) {
  const flow = model.flow(one)
  if (flow === null) return null
  const strongest = (shares: Float64Array) =>
    Array.from(shares, (share, from) => ({ class: from, share }))
      .filter(({ share }) => share >= smallestShare)
      .sort((a, b) => b.share - a.share)
      .slice(0, mostFlow)
  return {
    semantic: strongest(flow.semantic),
    visual: strongest(flow.visual),
    anchors: [...flow.anchors],
  }
}
