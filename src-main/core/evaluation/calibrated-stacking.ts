import { AppError, type Accuracies, type SeenUnseenCurve } from '../../contract/index.ts'
import { harmonicMean, type Scored } from './accuracy.ts'

const gridSize = 2001 // values of γ that are compared
const gridTails = 0.001 // quantile of (best seen − best unseen) where the grid begins, and ends from above
const nearlyBest = 0.995 // share of the best H that a γ must reach to be considered

/** Calibrated stacking (METHOD.md section 6): γ is subtracted from the score of every seen class. Accuracies in percent. */
export interface CalibratedStacking {
  /** U, S or H is null where there is no image of that kind. */
  accuraciesAt(gamma: number): Accuracies
  /** The predicted class of each image. */
  predictionsAt(gamma: number): Int32Array
  /**
   * One point per interval between values of γ where a prediction changes, from −∞ to +∞; U and S from 0 to 1.
   * null without images of both kinds.
   */
  seenUnseenCurve(): SeenUnseenCurve | null
  /** Area under that curve by the trapezoidal rule, 0 to 1; null without images of both kinds. */
  ausuc(): number | null
  /**
   * METHOD.md section 12, step 2: the median of those γ, on an even grid over nearly all of (best seen − best unseen),
   * whose H is at least 99.5 % of the best. Needs images of both kinds.
   */
  suggestedGamma(): number
}

/** `classes` are S ∪ U and `seenClasses` says which of them are seen; `labels` may be of both kinds. */
export function calibratedStacking(scored: Scored & { readonly seenClasses: Int32Array }): CalibratedStacking {
  const { labels } = scored
  const seen = new Set(scored.seenClasses)
  const { bestSeen, bestUnseen, margin } = rivals(scored, seen)

  // Every image is predicted as its best seen class for small γ and as its best unseen one from some γ on. In a tie the
  // lower class wins, so that one half of the images changes at its margin already and the other half just above it.
  const changesAtMargin = (row: number): boolean => bestUnseen[row] < bestSeen[row]
  const order = Int32Array.from(labels.keys()).sort(
    (a, b) => margin[a] - margin[b] || Number(changesAtMargin(b)) - Number(changesAtMargin(a)),
  )
  /** How many images, in that order, have changed at γ. */
  const changed = (gamma: number): number => {
    let [low, high] = [0, order.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const row = order[middle]
      if (margin[row] < gamma || (margin[row] === gamma && changesAtMargin(row))) low = middle + 1
      else high = middle
    }
    return low
  }

  // Accuracies after so many changes: what U has gained so far, what S has not lost yet.
  const weight = weightsByKind(labels, seen)
  const gained = new Float64Array(order.length + 1)
  const kept = new Float64Array(order.length + 1)
  order.forEach((row, i) => (gained[i + 1] = gained[i] + (labels[row] === bestUnseen[row] ? weight.of(row) : 0)))
  for (let i = order.length - 1; i >= 0; i--) {
    const row = order[i]
    kept[i] = kept[i + 1] + (labels[row] === bestSeen[row] ? weight.of(row) : 0)
  }
  // Rounding of the sums may pass 1.
  const U = (changes: number): number => Math.min(1, gained[changes])
  const S = (changes: number): number => Math.min(1, kept[changes])

  const stacking: CalibratedStacking = {
    accuraciesAt(gamma) {
      const changes = changed(gamma)
      const [u, s] = [100 * U(changes), 100 * S(changes)]
      return {
        U: weight.anyUnseen ? u : null,
        S: weight.anySeen ? s : null,
        H: weight.anyUnseen && weight.anySeen ? harmonicMean(u, s) : null,
      }
    },
    predictionsAt(gamma) {
      const predicted = bestSeen.slice()
      for (const row of order.subarray(0, changed(gamma))) predicted[row] = bestUnseen[row]
      return predicted
    },
    seenUnseenCurve() {
      if (!weight.anyUnseen || !weight.anySeen) return null
      const points = [{ changes: 0, gamma: -Infinity }]
      for (let i = 1; i <= order.length; i++) {
        const here = margin[order[i - 1]]
        if (i === order.length) points.push({ changes: i, gamma: Infinity })
        else if (margin[order[i]] > here) points.push({ changes: i, gamma: (here + margin[order[i]]) / 2 })
      }
      return {
        U: Float32Array.from(points, ({ changes }) => U(changes)),
        S: Float32Array.from(points, ({ changes }) => S(changes)),
        gamma: Float32Array.from(points, ({ gamma }) => gamma),
      }
    },
    ausuc() {
      const curve = stacking.seenUnseenCurve()
      if (!curve) return null
      let area = 0
      for (let i = 1; i < curve.U.length; i++) {
        area += ((curve.U[i] - curve.U[i - 1]) * (curve.S[i] + curve.S[i - 1])) / 2
      }
      return Math.min(1, area)
    },
    suggestedGamma() {
      const sorted = Float64Array.from(order, (row) => margin[row])
      const [low, high] = [quantile(sorted, gridTails), quantile(sorted, 1 - gridTails)]
      const grid = Float64Array.from({ length: gridSize }, (_, i) => low + ((high - low) * i) / (gridSize - 1))
      const H = grid.map((gamma) => stacking.accuraciesAt(gamma).H ?? NaN)
      const enough = nearlyBest * H.reduce((a, b) => Math.max(a, b), 0)
      return quantile(
        grid.filter((_, i) => H[i] >= enough),
        0.5,
      )
    },
  }
  return stacking
}

/** Best seen and best unseen class of each image (−1 where there is none), and by how much the seen one scores higher. */
function rivals({ scores, classes, labels }: Scored, seen: ReadonlySet<number>) {
  const columns = classes.length
  const isSeen = Array.from(classes, (one) => seen.has(one))
  const bestSeen = new Int32Array(labels.length).fill(-1)
  const bestUnseen = new Int32Array(labels.length).fill(-1)
  const margin = new Float64Array(labels.length)
  for (let row = 0; row < labels.length; row++) {
    let [seenScore, unseenScore] = [-Infinity, -Infinity]
    for (let column = 0; column < columns; column++) {
      const score = scores[row * columns + column]
      if (isSeen[column]) {
        if (score > seenScore) [seenScore, bestSeen[row]] = [score, classes[column]]
      } else if (score > unseenScore) [unseenScore, bestUnseen[row]] = [score, classes[column]]
    }
    margin[row] = seenScore - unseenScore
    if (Number.isNaN(margin[row])) {
      throw new AppError('evaluation/not-a-number', 'The model gives scores that are not numbers.', {
        next: 'Train it again with a lower learning rate.',
      })
    }
  }
  return { bestSeen, bestUnseen, margin }
}

/** What an image adds to the mean per-class accuracy of its kind when it is right: 1 / (images of its class · classes). */
function weightsByKind(labels: Int32Array, seen: ReadonlySet<number>) {
  const images = new Map<number, number>()
  for (const label of labels) images.set(label, (images.get(label) ?? 0) + 1)
  const seenClasses = [...images.keys()].filter((one) => seen.has(one)).length
  const unseenClasses = images.size - seenClasses
  return {
    anySeen: seenClasses > 0,
    anyUnseen: unseenClasses > 0,
    of: (row: number): number => {
      const label = labels[row]
      return 1 / ((images.get(label) ?? 1) * (seen.has(label) ? seenClasses : unseenClasses))
    },
  }
}

/** Of ascending values, between neighbours by proportion. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
}
