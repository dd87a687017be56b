import type { ClassGuide, DescribedAttribute } from '../../contract/index.ts'
import { distinct } from '../datasets/index.ts'
import {
  readClassDescriptions,
  readModelContext,
  type ClassDescriptions,
  type ModelContext,
} from '../training/stored-model.ts'

/** What a run knows of its own classes, as the studio needs it. C classes of the dataset, K attributes. */
export interface RunClasses {
  readonly context: ModelContext
  readonly descriptions: ClassDescriptions
  /** K, each of its own: a value in a file is found by it. */
  readonly attributeNames: readonly string[]
  /** Of each attribute. */
  readonly ranges: readonly AttributeRange[]
  /** Seen and unseen classes in the order of the run's scores. */
  readonly own: readonly { readonly index: number; readonly name: string; readonly role: 'seen' | 'unseen' }[]
}

type AttributeRange = Omit<DescribedAttribute, 'name' | 'group'>

/** @param folder of the run. Throws `run/no-model` and `run/no-descriptions`. */
export async function readRunClasses(folder: string): Promise<RunClasses> {
  const [context, descriptions] = await Promise.all([readModelContext(folder), readClassDescriptions(folder)])
  const { classNames, seenClasses, unseenClasses } = context
  const seen = new Set(seenClasses)
  const own = [...seenClasses, ...unseenClasses]
    .sort((a, b) => a - b)
    .map((index) => ({
      index,
      name: classNames[index],
      role: seen.has(index) ? ('seen' as const) : ('unseen' as const),
    }))
  const attributeNames = distinct(descriptions.attributeNames)
  return {
    context,
    descriptions,
    attributeNames,
    own,
    ranges: rangesOf(descriptions, own, seenRanges(context, descriptions)),
  }
}

/** @param groups the person's, by the name of the attribute. */
export function guideOf(
  { descriptions, attributeNames, ranges, own }: RunClasses,
  groups: ReadonlyMap<string, string>,
  firstPhotos: ClassGuide['firstPhotos'],
): ClassGuide {
  const K = attributeNames.length
  const values = new Float32Array(own.length * K)
  own.forEach(({ index }, row) => values.set(rowOf(descriptions, index), row * K))
  return {
    attributes: attributeNames.map((name, at) => ({
      name,
      group: groups.get(name) ?? descriptions.attributeGroups[at],
      ...ranges[at],
    })),
    classes: own.map(({ name, role }) => ({ name, role })),
    rows: { rows: own.length, columns: K, values },
    firstPhotos,
  }
}

/** A class as the dataset described it, K values. */
export const rowOf = (
  { rawAttributes, attributeNames: { length: K } }: ClassDescriptions,
  index: number,
): Float32Array => rawAttributes.subarray(index * K, (index + 1) * K)

function rangesOf(
  descriptions: ClassDescriptions,
  own: RunClasses['own'],
  seen: ReturnType<typeof seenRanges>,
): AttributeRange[] {
  const all = extent(own.flatMap(({ index }) => [...known(rowOf(descriptions, index))])) ?? { low: 0, high: 1 }
  return descriptions.attributeNames.map((_, at) => {
    const values = own.map(({ index }) => rowOf(descriptions, index)[at]).filter((value) => !Number.isNaN(value))
    const spread = extent(values)
    // A slider needs room: where all classes agree, it has that of all attributes together.
    const { low, high } =
      spread === null ? all : spread.low < spread.high ? spread : (extent([all.low, all.high, spread.low]) ?? all)
    const kind = new Set(values).size === 2 ? ('binary' as const) : ('graded' as const)
    return { kind, low, high, seenLow: seen[at]?.low ?? low, seenHigh: seen[at]?.high ?? high }
  })
}

const known = (values: Float32Array): Float32Array => values.filter((value) => !Number.isNaN(value))

function extent(values: readonly number[]): { low: number; high: number } | null {
  if (values.length === 0) return null
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return { low, high }
}

/** What the seen classes have of each attribute; null where it is known of none. */
export const seenRanges = (
  { seenClasses }: Pick<ModelContext, 'seenClasses'>,
  descriptions: ClassDescriptions,
): ({ low: number; high: number } | null)[] =>
  descriptions.attributeNames.map((_, at) =>
    extent(Array.from(seenClasses, (one) => rowOf(descriptions, one)[at]).filter((value) => !Number.isNaN(value))),
  )
