import type { GraphClass, Twins } from '../../../src-main/contract/index.ts'
import { readableName } from '../../ui/format.ts'
import type { Neighbour, Neighbourhoods } from './neighbours.ts'
import { differenceOf, type Lines } from './picture/lines.ts'

/** A class as a picture calls it: without the number that some files put before it. */
export const pictureName = (name: string): string => readableName(name).replace(/^\d+ (?=\S)/, '')

export interface ClassRow {
  readonly index: number
  readonly name: string
  readonly role: GraphClass['role']
  readonly left: Neighbour | null
  readonly right: Neighbour | null
  readonly divergence: number | null
  readonly leftDegree: number | null
  readonly rightDegree: number | null
}

/** What stands behind the picture: each class with its nearest in either space. */
export const classRows = (twins: Twins, left: Neighbourhoods | null, right: Neighbourhoods | null): ClassRow[] =>
  twins.classes.map(({ name, role }, index) => ({
    index,
    name: readableName(name),
    role,
    left: left?.of(index).at(0) ?? null,
    right: right?.of(index).at(0) ?? null,
    divergence: Number.isNaN(twins.isometry?.divergence[index]) ? null : (twins.isometry?.divergence[index] ?? null),
    leftDegree: twins.left?.degrees[index] ?? null,
    rightDegree: twins.right?.degrees[index] ?? null,
  }))

export interface Disagreement {
  readonly a: number
  readonly b: number
  readonly left: number
  readonly right: number
  /** left − right */
  readonly difference: number
  readonly where: 'left' | 'right' | 'both'
}

/** Every edge that is told of in either space, once, the worst disagreement first. */
export function disagreements(left: Lines, right: Lines, classes: number): Disagreement[] {
  const found = new Map<number, Disagreement>()
  const take = (lines: Lines, side: 'left' | 'right'): void => {
    for (let line = 0; line < lines.count; line++) {
      if (Number.isNaN(differenceOf(lines, line))) continue
      const [a, b] = [Math.min(lines.a[line], lines.b[line]), Math.max(lines.a[line], lines.b[line])]
      const [own, other] = [lines.cosine[line], lines.otherCosine[line]]
      const [l, r] = side === 'left' ? [own, other] : [other, own]
      const where = lines.alone[line] ? side : 'both'
      if (!found.has(a * classes + b)) found.set(a * classes + b, { a, b, left: l, right: r, difference: l - r, where })
    }
  }
  take(left, 'left')
  take(right, 'right')
  return [...found.values()].sort((one, other) => Math.abs(other.difference) - Math.abs(one.difference))
}
