import type { Classification, Prediction } from '../../contract/index.ts'

const kept = 5 // best of either kind: the first five at any γ are among them

/** What a row of scores says at temperature T: enough for the answer at every γ (contract/classification.ts). */
export type Said = Pick<Prediction, 'seen' | 'unseen' | 'logSumSeen' | 'logSumUnseen'>

export const nothingSaid: Said = {
  seen: { classes: new Int32Array(), scores: new Float32Array() },
  unseen: { classes: new Int32Array(), scores: new Float32Array() },
  logSumSeen: -Infinity,
  logSumUnseen: -Infinity,
}

/** `scores` is rows × classes, in the order of `classes`; ties go to the lower class (METHOD.md section 5). */
export function summarise(scores: Float32Array, classes: Classification['classes'], temperature: number): Said[] {
  const columns = { seen: columnsOf(classes, true), unseen: columnsOf(classes, false) }
  return Array.from({ length: scores.length / classes.length }, (_, row) => {
    const own = scores.subarray(row * classes.length, (row + 1) * classes.length)
    const [seen, unseen] = [best(own, columns.seen), best(own, columns.unseen)]
    return {
      seen,
      unseen,
      logSumSeen: logSum(own, columns.seen, seen.scores, temperature),
      logSumUnseen: logSum(own, columns.unseen, unseen.scores, temperature),
    }
  })
}

/** γ takes a described class for an unseen one. */
const columnsOf = (classes: Classification['classes'], seen: boolean): number[] =>
  classes.flatMap(({ role }, column) => ((role === 'seen') === seen ? [column] : []))

function best(scores: Float32Array, columns: readonly number[]): Said['seen'] {
  const order = columns.toSorted((a, b) => scores[b] - scores[a] || a - b).slice(0, kept)
  return { classes: Int32Array.from(order), scores: Float32Array.from(order, (column) => scores[column]) }
}

function logSum(
  scores: Float32Array,
  columns: readonly number[],
  [most = -Infinity]: Float32Array,
  temperature: number,
): number {
  if (columns.length === 0) return -Infinity
  const sum = columns.reduce((total, column) => total + Math.exp((scores[column] - most) / temperature), 0)
  return most / temperature + Math.log(sum)
}
