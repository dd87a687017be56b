export interface Column<Row> {
  readonly key: string
  readonly label: string
  /** What is sorted by, and shown unless `text` says otherwise. null sorts last, whichever the direction. */
  value(row: Row): string | number | null
  text?(row: Row): string
  readonly numeric?: boolean
}

export interface Sorting {
  readonly key: string
  readonly descending: boolean
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** A sorted copy; equal rows keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | null,
): readonly Row[] {
  const column = columns.find(({ key }) => key === sorting?.key)
  if (!sorting || !column) return rows
  const sign = sorting.descending ? -1 : 1
  return [...rows].sort((one, other) => {
    const [a, b] = [column.value(one), column.value(other)]
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
    return sign * (typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b)))
  })
}

/** What a click on a column's head does: numbers start with the largest, names with A; then the other way round. */
export function nextSorting<Row>(column: Column<Row>, current: Sorting | null): Sorting {
  if (current?.key === column.key) return { key: column.key, descending: !current.descending }
  return { key: column.key, descending: column.numeric ?? false }
}
