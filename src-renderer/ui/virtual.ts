/** The rows of a long list that are worth having in the page: what is visible and a few beside it. */
export interface Slice {
  readonly from: number
  readonly to: number
}

export function visibleSlice(scrollTop: number, viewport: number, rowHeight: number, rows: number, spare = 8): Slice {
  const first = Math.floor(scrollTop / rowHeight)
  const last = Math.ceil((scrollTop + viewport) / rowHeight)
  const to = Math.min(rows, Math.max(0, last) + spare)
  return { from: Math.max(0, Math.min(first - spare, to)), to }
}
