import { seenRanges, type RunClasses } from '../run-classes.ts'

/** A run of three seen and two unseen classes with four attributes. */
export function smallRun(attributeNames = ['stripes', 'tail', 'size', 'wings']): RunClasses {
  const classNames = ['tiger', 'zebra', 'horse', 'heron', 'eel']
  const K = attributeNames.length
  const context = {
    ...{ classNames, statistics: null },
    seenClasses: Int32Array.of(0, 1, 2),
    unseenClasses: Int32Array.of(3, 4),
  }
  const descriptions = {
    ...{ attributeNames, attributeGroups: attributeNames.map(() => null) },
    rawAttributes: Float32Array.from({ length: 5 * K }, (_, at) => ((at * 7) % 11) / 10),
    trainingImages: Int32Array.of(4, 4, 4),
  }
  return {
    ...{ context, descriptions, attributeNames },
    own: classNames.map((name, index) => ({ index, name, role: index < 3 ? ('seen' as const) : ('unseen' as const) })),
    ranges: seenRanges(context, descriptions).map(() => ({
      ...{ kind: 'graded' as const, low: 0, high: 1, seenLow: 0, seenHigh: 1 },
    })),
  }
}
