/** Where a label stands beside its class. */
export const sides = ['right', 'left', 'below', 'above'] as const
export type Side = (typeof sides)[number]

/** Left, top, right and bottom. */
export type Box = readonly [number, number, number, number]

interface Labelled {
  /** x and y by turns, in units that `zoom` turns into pixels. */
  readonly positions: Float32Array
  /** In the same units. */
  readonly radii: Float32Array
  /** In pixels. */
  readonly widths: Float32Array
  /** Labels end within it; in the same units. */
  readonly frame: Box
  /** From this index on they are captions of regions, which stand below their place or nowhere. */
  readonly captions: number
  /** In the order in which they may take their room; only the first `wanted` of them look for any. */
  readonly order: readonly number[]
  readonly wanted: number
}

export const lineHeight = 14 // px
export const gap = 4 // px between a class and its label
const cell = 48 // px; boxes are looked for in squares of this size

/** Left upper corner of a label, in pixels relative to its class's middle. */
export function corner(side: Side, width: number, radius: number): readonly [number, number] {
  if (side === 'right') return [radius + gap, -lineHeight / 2]
  if (side === 'left') return [-radius - gap - width, -lineHeight / 2]
  return [-width / 2, side === 'below' ? radius + 2 : -radius - 2 - lineHeight]
}

/**
 * Which classes have room for a label at a zoom, and on which side: 1 + its place in `sides`, 0 for none. A label
 * overlaps no other label and no class. It does not depend on what part of the picture is in view, so that labels stay
 * while it is moved.
 */
export function labelsAt(
  zoom: number,
  { positions, radii, widths, frame, captions, order, wanted }: Labelled,
): Uint8Array {
  const chosen = new Uint8Array(positions.length / 2)
  const boxes: number[] = [] // four numbers each
  const squares = new Map<number, number[]>()
  const key = (x: number, y: number): number => Math.floor(x / cell) * 65_536 + Math.floor(y / cell)
  const each = (box: readonly number[], visit: (square: number) => boolean): boolean => {
    for (let x = box[0]; x < box[2] + cell; x += cell)
      for (let y = box[1]; y < box[3] + cell; y += cell) if (visit(key(x, y))) return true
    return false
  }
  const take = (box: readonly number[]): void => {
    const index = boxes.length / 4
    boxes.push(...box)
    each(box, (square) => {
      const members = squares.get(square)
      if (members) members.push(index)
      else squares.set(square, [index])
      return false
    })
  }
  const taken = (box: readonly number[], own: number): boolean =>
    each(box, (square) =>
      (squares.get(square) ?? []).some((other) => {
        if (other === own) return false
        const at = 4 * other
        return boxes[at] < box[2] && boxes[at + 2] > box[0] && boxes[at + 1] < box[3] && boxes[at + 3] > box[1]
      }),
    )
  const placed = new Map<number, number>()
  for (const one of order) {
    const [x, y, r] = [positions[2 * one] * zoom, positions[2 * one + 1] * zoom, radii[one] * zoom]
    placed.set(one, boxes.length / 4)
    take([x - r, y - r, x + r, y + r])
  }
  for (const one of order.slice(0, wanted)) {
    const [x, y, r] = [positions[2 * one] * zoom, positions[2 * one + 1] * zoom, radii[one] * zoom]
    for (const [at, side] of sides.entries()) {
      if (one >= captions && side !== 'below') continue
      const [dx, dy] = corner(side, widths[one], r)
      const box = [x + dx, y + dy, x + dx + widths[one], y + dy + lineHeight]
      const within = box.every((edge, k) => (k < 2 ? edge >= frame[k] * zoom : edge <= frame[k] * zoom))
      if (!within || taken(box, placed.get(one)!)) continue
      take(box)
      chosen[one] = at + 1
      break
    }
  }
  return chosen
}

const perDoubling = 4

/** The zoom that labels are chosen for: a few to each doubling, never more than the true one. */
export const labelZoom = (zoom: number): number => 2 ** (Math.floor(Math.log2(zoom) * perDoubling) / perDoubling)
