import type { GraphClass } from '../../../../src-main/contract/index.ts'
import type { Region } from './regions.ts'
import { labelsAt, labelZoom, type Box } from './labels.ts'
import type { Lines, Stroke } from './lines.ts'

/** Half the side of the square that positions fill; Cytoscape's units, pixels at zoom 1. */
export const half = 500

/** How large classes are drawn. */
export type Sizing = 'fixed' | 'images' | 'accuracy'

/** Half a class's width, so that any number of classes can be told apart: smaller the more there are. */
export function radiiOf(classes: readonly GraphClass[], by: Sizing): Float32Array {
  const usual = Math.min(12, Math.max(4, (0.18 * 2 * half) / Math.sqrt(Math.max(1, classes.length))))
  const most = Math.max(1, ...classes.map(({ images }) => images))
  return Float32Array.from(classes, ({ images, accuracy }) => {
    if (by === 'fixed') return usual
    const part = by === 'images' ? images / most : (accuracy ?? 0) / 100
    // Areas are compared, not widths.
    return usual * (0.55 + 1.1 * Math.sqrt(part))
  })
}

/** So far around each class that neighbours flow into one another. */
export const regionReach = (classes: number): number => (0.85 * half) / Math.sqrt(Math.max(1, classes))

/** Positions from −1 to 1 in Cytoscape's units, stretched to the shape of the picture, within reason. */
export function placed(positions: Float32Array, aspect: number): Float32Array {
  const stretch = half * Math.min(1.4, Math.max(0.8, aspect))
  return positions.map((value, at) => (at % 2 === 0 ? stretch : half) * value)
}

/** What a picture is painted from. Everything bulky is by class index, in typed arrays. */
export interface Scene {
  readonly names: readonly string[]
  /** x and y by turns. */
  readonly positions: Float32Array
  readonly radii: Float32Array
  readonly lines: Lines
  readonly strokes: readonly Stroke[]
  readonly shown: Uint8Array | null
  readonly regions: readonly Region[]
  /** Classes in the order in which they may have a label. */
  readonly order: readonly number[]
  /** How far a region reaches around each of its classes. */
  readonly reach: number
}

/** What is pointed at and what is chosen: a class, or two with the edge between them. */
export interface Emphasis {
  readonly hovered: readonly number[]
  readonly selected: readonly number[]
}

export const noEmphasis: Emphasis = { hovered: [], selected: [] }

/** What is emphasised and whatever an edge leads to from there, the former first. */
export function emphasised({ strokes, lines }: Scene, { hovered, selected }: Emphasis): number[] {
  const found = new Set([...hovered, ...selected])
  for (const focus of [hovered, selected]) {
    if (focus.length !== 1) continue
    for (const stroke of strokes)
      for (const line of stroke.lines) {
        if (lines.a[line] === focus[0]) found.add(lines.b[line])
        if (lines.b[line] === focus[0]) found.add(lines.a[line])
      }
  }
  return [...found]
}

/** Of everything that is shown. */
export function extentOf({ order, positions }: Scene): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const at of order) {
    const [x, y] = [positions[2 * at], positions[2 * at + 1]]
    ;[left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)]
  }
  return [left, top, right, bottom]
}

/** Labels of a scene, and captions of its regions behind them, at any zoom; remembered, since the same are asked for again and again. */
export function labelling(
  { positions, radii, regions }: Scene,
  order: readonly number[],
  widths: Float32Array,
  frame: Box,
  wanted = order.length,
): (zoom: number) => Uint8Array {
  const known = new Map<number, Uint8Array>()
  const captions = radii.length
  const labelled = {
    positions: Float32Array.of(...positions, ...regions.flatMap(({ below }) => below)),
    radii: Float32Array.of(...radii, ...regions.map(() => 0)),
    widths,
    frame,
    captions,
    order,
    wanted,
  }
  return (zoom) => {
    const at = labelZoom(zoom)
    const chosen = known.get(at) ?? labelsAt(at, labelled)
    known.set(at, chosen)
    return chosen
  }
}

/** Yours and unseen classes first, then those that most lines meet at. */
export function labelOrder(classes: readonly GraphClass[], lines: Lines | null, shown: Uint8Array | null): number[] {
  const meets = new Int32Array(classes.length)
  for (let line = 0; line < (lines?.count ?? 0); line++) {
    meets[lines!.a[line]]++
    meets[lines!.b[line]]++
  }
  const rank = { yours: 0, unseen: 1, seen: 2, none: 2 } as const
  return classes
    .map((_, at) => at)
    .filter((at) => !shown || shown[at])
    .sort((a, b) => rank[classes[a].role] - rank[classes[b].role] || meets[b] - meets[a] || a - b)
}
