import type { Explainable } from './explainable.ts'
import { rangesOf } from './explainable.ts'

/** A change of one attribute of a class after which another wins. */
export interface Flip {
  readonly attribute: number
  readonly from: number
  readonly to: number
  /** Who wins then. */
  readonly winner: number
}

const candidates = 12
/** Parts of an attribute's range; a change is a whole number of them. */
const parts = 100

interface Candidate {
  readonly attribute: number
  readonly from: number
  /** One part of the range, towards where the class loses. */
  readonly step: number
  /** Parts until the range ends. */
  readonly room: number
  /** The share of its range after which, at the slope it has now, the lead would be gone. */
  readonly expected: number
}

/**
 * The smallest change found, as a share of the attribute's range over the classes: the attributes that promise most by
 * their slope are tried by scoring, and what is found is scored anew as if the class had been described so.
 * @param lead of the winner over the second, γ in it. @param winnerOf who wins by some scores, γ in it.
 */
export async function findFlip(
  model: Explainable,
  {
    winner,
    second,
    lead,
    winnerOf,
  }: {
    winner: number
    second: number
    lead: number
    winnerOf: (scores: Float32Array) => number
  },
): Promise<Flip | null> {
  const described = model.described(winner)
  const slopes = await model.slopes(winner, second)
  const changed = ({ attribute, from, step }: Candidate, count: number): Float32Array =>
    described.with(attribute, from + count * step)
  const loses = async (candidate: Candidate, count: number): Promise<boolean> =>
    winnerOf(await model.rescored(winner, changed(candidate, count))) !== winner

  let best: Flip | null = null
  let fewest = parts + 1
  for (const candidate of candidatesFor(model, described, slopes, lead)) {
    const { attribute, from, step, room } = candidate
    let enough = Math.min(room, fewest - 1)
    if (enough < 1 || !(await loses(candidate, enough))) continue
    for (let tooFew = 0; enough - tooFew > 1;) {
      const middle = Math.floor((tooFew + enough) / 2)
      if (await loses(candidate, middle)) enough = middle
      else tooFew = middle
    }
    const wins = winnerOf(await model.scoredAnew(winner, changed(candidate, enough)))
    if (wins === winner) continue
    fewest = enough
    best = { attribute, from, to: from + enough * step, winner: wins }
  }
  return best
}

function candidatesFor(model: Explainable, own: Float32Array, slopes: Float64Array, lead: number): Candidate[] {
  const K = own.length
  const all = new Float32Array(model.classes.length * K)
  model.classes.forEach((_, one) => all.set(model.described(one), one * K))
  const { low, high } = rangesOf(all, K)
  return Array.from(own, (from, attribute): Candidate => {
    const range = high[attribute] - low[attribute]
    const down = slopes[attribute] > 0
    return {
      attribute,
      from,
      step: ((down ? -1 : 1) * range) / parts,
      // Rounding must not take the last part.
      room: Math.floor((parts * (down ? from - low[attribute] : high[attribute] - from)) / range + 1e-4),
      expected: lead / Math.abs(slopes[attribute]),
    }
  })
    .filter(({ room, expected }) => room >= 1 && Number.isFinite(expected))
    .sort((a, b) => a.expected - b.expected)
    .slice(0, candidates)
}
