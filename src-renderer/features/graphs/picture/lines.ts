import type { CategoryGraph } from '../../../../src-main/contract/index.ts'

/** The edges of a graph as a picture has them: one line for two classes, whichever attends to the other. Column by column. */
export interface Lines {
  readonly count: number
  /** Where only one class attends to the other, it is `a` that does. */
  readonly a: Int32Array
  readonly b: Int32Array
  /** The greater of both directions. */
  readonly attention: Float32Array
  readonly cosine: Float32Array
  /** In the other space; NaN where there is none. */
  readonly otherCosine: Float32Array
  readonly oneWay: Uint8Array
  /** 1 where the other space has no such edge. */
  readonly alone: Uint8Array
}

/** `directed`: whether an edge that is told in one direction only has none in the other (it may have fallen to the cap). */
export function linesOf({ edges }: CategoryGraph, classes: number, directed: boolean): Lines {
  const most = edges.from.length
  const lines = {
    a: new Int32Array(most),
    b: new Int32Array(most),
    attention: new Float32Array(most),
    cosine: new Float32Array(most),
    otherCosine: new Float32Array(most),
    oneWay: new Uint8Array(most).fill(directed ? 1 : 0),
    alone: new Uint8Array(most),
  }
  const places = new Map<number, number>()
  for (let edge = 0; edge < most; edge++) {
    const [from, to] = [edges.from[edge], edges.to[edge]]
    const pair = Math.min(from, to) * classes + Math.max(from, to)
    const known = places.get(pair)
    if (known !== undefined) {
      lines.attention[known] = Math.max(lines.attention[known], edges.attention[edge])
      lines.oneWay[known] = 0
      if (edges.shared[edge]) lines.alone[known] = 0
      continue
    }
    const at = places.size
    places.set(pair, at)
    lines.a[at] = from
    lines.b[at] = to
    lines.attention[at] = edges.attention[edge]
    lines.cosine[at] = edges.cosine[edge]
    lines.otherCosine[at] = edges.otherCosine[edge]
    // Where the other space knows nothing, it does not differ.
    lines.alone[at] = edges.shared[edge] || Number.isNaN(edges.otherCosine[edge]) ? 0 : 1
  }
  return { count: places.size, ...lines }
}

/** |cos left − cos right| of a line; NaN with one graph alone. */
export const differenceOf = (lines: Lines, line: number): number =>
  Math.abs(lines.cosine[line] - lines.otherCosine[line])

/** Where disagreement begins to be shown, and grows: shared by the picture and its legend. */
export const differenceSteps = [0.1, 0.2, 0.35] as const

export const levels = 4

/** Lines that are drawn alike. */
export interface Stroke {
  /** Of attention, 0 to `levels` − 1. */
  readonly level: number
  /** Of disagreement, 0 to `differenceSteps.length`. */
  readonly tint: number
  readonly dashed: boolean
  /** Lines, by index. */
  readonly lines: Int32Array
}

/**
 * The lines in groups that are drawn alike, the faintest first. `strongest`: the attention that is drawn widest, so that
 * two graphs can be compared. `shown` keeps only lines between classes that are.
 */
export function strokesOf(
  lines: Lines,
  strongest: number,
  disagreement: boolean,
  shown: Uint8Array | null,
): readonly Stroke[] {
  const tints = differenceSteps.length + 1
  const groups = new Map<number, number[]>()
  for (let line = 0; line < lines.count; line++) {
    if (shown && !(shown[lines.a[line]] && shown[lines.b[line]])) continue
    // Attention spans two orders of magnitude; its root keeps the faint apart as well.
    const part = Math.sqrt(Math.min(1, lines.attention[line] / Math.max(strongest, Number.MIN_VALUE)))
    const level = Math.min(levels - 1, Math.floor(part * levels))
    const difference = disagreement ? differenceOf(lines, line) : 0
    const tint = differenceSteps.filter((step) => difference >= step).length
    const dashed = disagreement && lines.alone[line] === 1
    const key = (tint * levels + level) * 2 + (dashed ? 1 : 0)
    const group = groups.get(key)
    if (group) group.push(line)
    else groups.set(key, [line])
  }
  return [...groups]
    .sort(([one], [other]) => one - other)
    .map(([key, members]) => ({
      dashed: key % 2 === 1,
      level: Math.floor(key / 2) % levels,
      tint: Math.floor(key / 2 / levels) % tints,
      lines: Int32Array.from(members),
    }))
}

/** The line nearest to a place, at most `within` away, or null. All in the units of `positions` (x and y by turns). */
export function nearestLine(
  lines: Lines,
  positions: Float32Array,
  [x, y]: readonly [number, number],
  within: number,
  shown: Uint8Array | null,
): number | null {
  let best: number | null = null
  let least = within * within
  for (let line = 0; line < lines.count; line++) {
    const [a, b] = [lines.a[line], lines.b[line]]
    if (shown && !(shown[a] && shown[b])) continue
    const [ax, ay] = [positions[2 * a], positions[2 * a + 1]]
    const [dx, dy] = [positions[2 * b] - ax, positions[2 * b + 1] - ay]
    const along = ((x - ax) * dx + (y - ay) * dy) / Math.max(dx * dx + dy * dy, Number.MIN_VALUE)
    if (along <= 0 || along >= 1) continue
    const [ex, ey] = [ax + along * dx - x, ay + along * dy - y]
    if (ex * ex + ey * ey < least) {
      least = ex * ex + ey * ey
      best = line
    }
  }
  return best
}
