import type { DescribedAttribute } from '../../../src-main/contract/index.ts'

/** Attributes under one heading, as indices into the guide's. */
export interface AttributeGroup {
  readonly name: string
  readonly attributes: readonly number[]
}

/** A group of one or two says less than its name takes room. */
const fewest = 3

/** `has_bill_shape::curved` as `bill shape` and `curved`; null where a name has no such prefix. */
export function prefixOf(name: string): { group: string; rest: string } | null {
  const at = name.indexOf('::')
  if (at <= 0 || at + 2 >= name.length) return null
  return { group: words(name.slice(0, at).replace(/^has[_ ]/, '')), rest: words(name.slice(at + 2)) }
}

/** Files write words with lines between them. */
const words = (text: string): string => text.replace(/_/g, ' ').trim()

/** What stands beside its slider: the name without the prefix that its group repeats. */
export const attributeLabel = (name: string): string => prefixOf(name)?.rest ?? words(name)

/**
 * The person's or the dataset's group, else the name's prefix, in the order in which they first appear; those in none, and
 * those of prefixes that hardly any share, come last together, under `others`.
 */
export function groupAttributes(
  attributes: readonly Pick<DescribedAttribute, 'name' | 'group'>[],
  others: string,
): AttributeGroup[] {
  const groups = new Map<string, { own: boolean; members: number[] }>()
  attributes.forEach(({ name, group }, at) => {
    const key = group ?? prefixOf(name)?.group ?? others
    const found = groups.get(key) ?? { own: false, members: [] }
    found.own ||= group !== null
    found.members.push(at)
    groups.set(key, found)
  })
  const kept: AttributeGroup[] = []
  const loose: number[] = []
  for (const [name, { own, members }] of groups) {
    if (name !== others && (own || members.length >= fewest)) kept.push({ name, attributes: members })
    else loose.push(...members)
  }
  return loose.length === 0 ? kept : [...kept, { name: others, attributes: loose.sort((a, b) => a - b) }]
}
