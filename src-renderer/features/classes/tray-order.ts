import type { ClassPreview, Tray } from '../../../src-main/contract/index.ts'

/** What a photo of the tray is called with the described class, and without it. */
export interface TrayRow {
  /** Place in the tray. */
  readonly at: number
  readonly name: string
  readonly score: number
  /** 0 to 1, that it is the described class. */
  readonly probability: number
  /** Indices into the preview's classes. */
  readonly label: number
  readonly before: number
  /** `joins`: it is called the described class now; `moves`: another than before. */
  readonly change: 'joins' | 'moves' | null
}

/**
 * The tray by how much it speaks for the described class, best first: by its probability, for a score alone also tells how
 * loud a photo is to all classes; then by score, for probabilities near 1 and 0 are equal; then in the tray's order.
 */
export function rankTray({ photos }: Tray, { tray, classes }: Pick<ClassPreview, 'tray' | 'classes'>): TrayRow[] {
  if (!tray) return []
  const own = classes.length - 1
  const { scores, probabilities, labels, labelsWithout } = tray
  const order = Array.from({ length: Math.min(photos.length, scores.length) }, (_, at) => at)
  order.sort((a, b) => probabilities[b] - probabilities[a] || scores[b] - scores[a] || a - b)
  return order.map((at) => ({
    at,
    name: photos[at].name,
    score: scores[at],
    probability: probabilities[at],
    label: labels[at],
    before: labelsWithout[at],
    change: labels[at] === labelsWithout[at] ? null : labels[at] === own ? 'joins' : 'moves',
  }))
}

/** How many are called the described class, and how many others change their label because of it. */
export function countChanges(rows: readonly TrayRow[]): { joins: number; moves: number } {
  const of = (change: TrayRow['change']): number => rows.filter((row) => row.change === change).length
  return { joins: of('joins'), moves: of('moves') }
}
