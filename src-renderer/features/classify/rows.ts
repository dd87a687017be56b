import { answer, type Classification, type Prediction, type RankedClass } from '../../../src-main/contract/index.ts'
import { searchable } from '../../ui/format.ts'

/** One photo as the page shows it at the γ of the slider. */
export interface PhotoRow {
  readonly photo: number
  readonly file: string
  /** Why it could not be read. */
  readonly error: Prediction['error']
  /** Best first; empty for a photo that could not be read. */
  readonly ranking: readonly RankedClass[]
  /** Too little to name a class. */
  readonly none: boolean
  /** What the person said it is; null while she has said nothing. */
  readonly said: number | null
}

/** What stands under a photo: what the person said, else the model, unless that names nothing. */
export function labelOf({ said, none, ranking }: PhotoRow): number | null {
  if (said !== null) return said
  return none || ranking.length === 0 ? null : ranking[0].class
}

export function photoRows(
  predictions: readonly Prediction[],
  gamma: number,
  { confidence }: Pick<Classification, 'confidence'>,
  said: ReadonlyMap<number, number>,
): PhotoRow[] {
  return predictions.map((prediction) => ({
    photo: prediction.photo,
    file: prediction.file,
    error: prediction.error,
    ...answer(prediction, gamma, confidence),
    said: said.get(prediction.photo) ?? null,
  }))
}

/** A class's index, or one of the three kinds of photo that have none. */
export type Filter = number | 'all' | 'none' | 'unreadable' | 'said'
export type Order = 'file' | 'class' | 'surest' | 'least-sure'

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
const certainty = ({ ranking }: PhotoRow): number => ranking.at(0)?.probability ?? -1

export function matches(row: PhotoRow, filter: Filter): boolean {
  if (filter === 'all') return true
  if (filter === 'unreadable') return row.error !== null
  if (filter === 'said') return row.said !== null
  if (row.error !== null) return false
  return filter === 'none' ? labelOf(row) === null : labelOf(row) === filter
}

/** What is shown, in order; equal ones stay in the order of their files. */
export function arrange(
  rows: readonly PhotoRow[],
  { filter, order, text, classNames }: { filter: Filter; order: Order; text: string; classNames: readonly string[] },
): PhotoRow[] {
  const wanted = searchable(text)
  const nameOf = (row: PhotoRow): string => {
    const label = labelOf(row)
    return label === null ? '' : classNames[label]
  }
  const compare: Record<Order, (a: PhotoRow, b: PhotoRow) => number> = {
    file: () => 0,
    // Photos without a class come last.
    class: (a, b) =>
      Number(nameOf(a) === '') - Number(nameOf(b) === '') ||
      collator.compare(nameOf(a), nameOf(b)) ||
      certainty(b) - certainty(a),
    surest: (a, b) => certainty(b) - certainty(a),
    'least-sure': (a, b) => certainty(a) - certainty(b),
  }
  return rows
    .filter((row) => matches(row, filter) && (wanted === '' || searchable(row.file).includes(wanted)))
    .sort((a, b) => compare[order](a, b) || collator.compare(a.file, b.file) || a.photo - b.photo)
}

/** How many photos each class, and each kind without one, has; classes without any are left out. */
export function tally(rows: readonly PhotoRow[]): ReadonlyMap<Filter, number> {
  const counts = new Map<Filter, number>([['all', rows.length]])
  const add = (key: Filter): void => void counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const row of rows) {
    if (row.said !== null) add('said')
    if (row.error !== null) add('unreadable')
    else add(labelOf(row) ?? 'none')
  }
  return counts
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
/** A spreadsheet takes a cell that begins so for a formula; file names come from anywhere. */
const harmless = (text: string): string => (/^[=+\-@\t]/.test(text) ? `'${text}` : text)

/** The table as a file: one line for each photo, the five best classes beside each other. */
export function csvOf(rows: readonly PhotoRow[], { classes }: Pick<Classification, 'classes'>): string {
  const ranks = [1, 2, 3, 4, 5]
  const header = [
    'file',
    'label',
    'confirmed',
    'none_of_these',
    'problem',
    ...ranks.flatMap((rank) => [`class_${rank}`, `role_${rank}`, `probability_${rank}`]),
  ]
  const lines = rows.map((row) => {
    const label = labelOf(row)
    return [
      harmless(row.file),
      label === null ? '' : harmless(classes[label].name),
      row.said === null ? 'no' : 'yes',
      row.none ? 'yes' : 'no',
      row.error?.message ?? '',
      ...ranks.flatMap((rank) => {
        const one = row.ranking.at(rank - 1)
        return one
          ? [harmless(classes[one.class].name), classes[one.class].role, one.probability.toFixed(4)]
          : ['', '', '']
      }),
    ]
  })
  return [header, ...lines].map((line) => `${line.map(cell).join(',')}\n`).join('')
}
