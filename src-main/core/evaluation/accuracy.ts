/** Scores of images over classes, and the truth. */
export interface Scored {
  /** N×C, row-major. */
  readonly scores: Float32Array
  /** Class of each column, ascending. */
  readonly classes: Int32Array
  /** Class of each of the N images. */
  readonly labels: Int32Array
}

export interface ClassAccuracy {
  readonly class: number
  readonly images: number
  /** Percent. */
  readonly accuracy: number
}

/** The class of the highest score of each row; ties go to the lowest class (METHOD.md section 5). */
export function predict({ scores, classes }: Pick<Scored, 'scores' | 'classes'>): Int32Array {
  const columns = classes.length
  return Int32Array.from({ length: scores.length / columns }, (_, row) => classes[highest(scores, row, columns)])
}

function highest(scores: Float32Array, row: number, columns: number): number {
  const start = row * columns
  let best = 0
  for (let column = 1; column < columns; column++) if (scores[start + column] > scores[start + best]) best = column
  return best
}

/** Percent, of each class that has an image, ascending. */
export function classAccuracies(predicted: Int32Array, labels: Int32Array): ClassAccuracy[] {
  const tally = new Map<number, { images: number; right: number }>()
  labels.forEach((label, row) => {
    const one = tally.get(label) ?? { images: 0, right: 0 }
    one.images += 1
    if (predicted[row] === label) one.right += 1
    tally.set(label, one)
  })
  return [...tally]
    .sort(([a], [b]) => a - b)
    .map(([label, { images, right }]) => ({ class: label, images, accuracy: (100 * right) / images }))
}

/** Mean of the per-class accuracies (METHOD.md section 6), percent, over all images or those of `rows`; null without any. */
export function meanPerClassAccuracy(scored: Scored & { readonly rows?: Int32Array }): number | null {
  const predicted = predict(scored)
  const { labels, rows } = scored
  const accuracies = rows
    ? classAccuracies(
        rows.map((row) => predicted[row]),
        rows.map((row) => labels[row]),
      )
    : classAccuracies(predicted, labels)
  return accuracies.length > 0 ? meanOf(accuracies.map(({ accuracy }) => accuracy)) : null
}

/** H = 2US/(U+S), 0 where both are 0. */
export const harmonicMean = (U: number, S: number): number => (U + S > 0 ? (2 * U * S) / (U + S) : 0)

export const meanOf = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
