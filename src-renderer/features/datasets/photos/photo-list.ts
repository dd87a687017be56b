import {
  photoPlaceSchema,
  type ClassInfo,
  type PhotoPlace,
  type PhotoTable,
} from '../../../../src-main/contract/index.ts'
import { readableName, searchable } from '../../../ui/format.ts'

export const photoSorts = ['class', 'name', 'place'] as const
export type PhotoSort = (typeof photoSorts)[number]

export interface PhotoFilter {
  /** null: of every class. */
  readonly class: number | null
  /** `kept`: all that were not removed. */
  readonly place: PhotoPlace | 'kept'
  /** Part of a file's name. */
  readonly text: string
  readonly sort: PhotoSort
}

export const wholeList: PhotoFilter = { class: null, place: 'kept', text: '', sort: 'class' }

export const placeOf = (table: PhotoTable, photo: number): PhotoPlace =>
  photoPlaceSchema.options[table.places[photo]] ?? 'none'

/** The last part of a path. */
export const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })

/** The photos that pass the filter, in its order; equal ones by name, then as they were imported. */
export function listPhotos(table: PhotoTable, classes: readonly ClassInfo[], filter: PhotoFilter): number[] {
  const words = searchable(filter.text)
  const found: number[] = []
  for (let photo = 0; photo < table.labels.length; photo++) {
    const place = placeOf(table, photo)
    if (filter.place === 'kept' ? place === 'removed' : place !== filter.place) continue
    if (filter.class !== null && table.labels[photo] !== filter.class) continue
    if (words !== '' && !searchable(table.files[photo]).includes(words)) continue
    found.push(photo)
  }
  const byClass = ranks(classes)
  // Comparing names is slow: once per photo where there are many, not once per comparison.
  const byName = ranksOfFiles(table, found)
  const first: Readonly<Record<PhotoSort, (photo: number) => number>> = {
    class: (photo) => byClass[table.labels[photo]] ?? 0,
    name: (photo) => byName.get(photo) ?? 0,
    place: (photo) => table.places[photo],
  }
  const key = first[filter.sort]
  return found.sort((a, b) => key(a) - key(b) || (byName.get(a) ?? 0) - (byName.get(b) ?? 0) || a - b)
}

function ranks(classes: readonly ClassInfo[]): number[] {
  const order = [...classes].sort((a, b) => collator.compare(readableName(a.name), readableName(b.name)))
  const rank: number[] = []
  order.forEach(({ index }, at) => (rank[index] = at))
  return rank
}

const sortedNames = new WeakMap<PhotoTable, Map<number, number>>()

/** Place of each photo in the order of names, kept with the table: sorting a hundred thousand names takes a second. */
function ranksOfFiles(table: PhotoTable, found: readonly number[]): ReadonlyMap<number, number> {
  const few = 5000
  const known = sortedNames.get(table)
  if (known) return known
  const whole = found.length > few
  const photos = whole ? Array.from(table.files, (_, at) => at) : [...found]
  // Beyond a few thousand, plain order of characters: `photo 10` before `photo 2`, and no wait.
  const compare = whole ? (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0) : collator.compare
  const order = photos.sort((a, b) => compare(table.files[a], table.files[b]))
  const rank = new Map(order.map((photo, at) => [photo, at]))
  if (whole) sortedNames.set(table, rank)
  return rank
}
