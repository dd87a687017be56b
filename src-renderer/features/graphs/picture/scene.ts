import type { GraphClass } from '../../../../src-main/contract/index.ts'
import type { Hull } from './hulls.ts'
import { labelsAt, labelZoom } from './labels.ts'
import type { Lines, Stroke } from './lines.ts'

/** Half the side of the square that positions fill; Cytoscape's units, pixels at zoom 1. */
export const half = 500

/** How large classes are drawn. */
export type Sizing = 'fixed' | 'images' | 'accuracy'

/** Half a class's width, so that any number of classes can be told apart: smaller the more there are. */
export function radiiOf(classes: readonly GraphClass[], by: Sizing): Float32Array {
  const usual = Math.min(13, Math.max(4, (0.2 * 2 * half) / Math.sqrt(Math.max(1, classes.length))))
  const most = Math.max(1, ...classes.map(({ images }) => images))
  return Float32Array.from(classes, ({ images, accuracy }) => {
    if (by === 'fixed') return usual
    const part = by === 'images' ? images / most : (accuracy ?? 0) / 100
    // Areas are compared, not widths.
    return usual * (0.55 + 1.1 * Math.sqrt(part))
  })
}

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
  readonly hulls: readonly Hull[]
  /** Classes in the order in which they may have a label. */
  readonly order: readonly number[]
}

/** What is pointed at and what is chosen: a class, or two with the edge between them. */
export interface Emphasis {
  readonly hovered: readonly number[]
  readonly selected: readonly number[]
}

export const noEmphasis: Emphasis = { hovered: [], selected: [] }

/** Labels of a scene at any zoom, remembered: while a picture is moved the same are asked for again and again. */
export function labelling(scene: Scene, widths: Float32Array): (zoom: number) => Uint8Array {
  const known = new Map<number, Uint8Array>()
  return (zoom) => {
    const at = labelZoom(zoom)
    const chosen = known.get(at) ?? labelsAt(at, { ...scene, widths })
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
