import { searchable } from '../../ui/format.ts'
import type { AttributeGroup } from './attribute-groups.ts'

export type AttributeFilter = 'all' | 'known' | 'unknown' | 'changed'

/** A line of the list of attributes: the head of a group, or one of its attributes. */
export type AttributeLine =
  | { readonly kind: 'head'; readonly group: AttributeGroup; readonly open: boolean }
  | { readonly kind: 'attribute'; readonly at: number }

export interface Wanted {
  readonly text: string
  readonly filter: AttributeFilter
  /** Values as they are, and as they were when the class was chosen; NaN is not known. */
  readonly values: ArrayLike<number>
  readonly before: ArrayLike<number>
}

/** Whether two values differ, “not known” being one of them. */
export const differs = (a: number, b: number): boolean => !Object.is(a, b) && !(a === b)

/** Attributes that are looked for; null: all of them. */
export function findAttributes(
  names: readonly string[],
  groups: readonly AttributeGroup[],
  { text, filter, values, before }: Wanted,
): ReadonlySet<number> | null {
  const wanted = searchable(text)
  if (wanted === '' && filter === 'all') return null
  const passes: Record<AttributeFilter, (at: number) => boolean> = {
    all: () => true,
    known: (at) => !Number.isNaN(values[at]),
    unknown: (at) => Number.isNaN(values[at]),
    changed: (at) => differs(values[at], before[at]),
  }
  const found = new Set<number>()
  for (const { name, attributes } of groups) {
    const whole = searchable(name).includes(wanted)
    for (const at of attributes)
      if (passes[filter](at) && (whole || searchable(names[at].replace('::', ' ')).includes(wanted))) found.add(at)
  }
  return found
}

/** The lines to show; a single group needs no head. While something is looked for, groups stand open and those without a hit are left out. */
export function attributeLines(
  groups: readonly AttributeGroup[],
  closed: ReadonlySet<string>,
  found: ReadonlySet<number> | null,
): AttributeLine[] {
  return groups.flatMap((group): AttributeLine[] => {
    const attributes = found ? group.attributes.filter((at) => found.has(at)) : group.attributes
    if (attributes.length === 0) return []
    const open = groups.length === 1 || found !== null || !closed.has(group.name)
    const lines: AttributeLine[] = open ? attributes.map((at) => ({ kind: 'attribute', at })) : []
    return groups.length === 1 ? lines : [{ kind: 'head', group, open }, ...lines]
  })
}
