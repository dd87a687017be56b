import type { Neighbour } from './neighbours.ts'

const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
}
/** An edge leads where an arrow points if it is at most so far from it; if none is, one that is a little farther. */
const sectors = [Math.cos(Math.PI / 4), Math.cos((80 * Math.PI) / 180)]

/**
 * Where a key leads from a class: arrows along an edge that lies in their direction, to the neighbour with the most
 * attention there; Home, End, Page Up and Page Down through the list of classes. null: no such key; `at` itself: there is
 * no way.
 */
export function walk(
  key: string,
  at: number,
  around: readonly Neighbour[],
  positions: Float32Array,
  order: readonly number[],
): number | null {
  if (order.length === 0) return null
  const place = order.indexOf(at)
  if (key === 'Home') return order[0]
  if (key === 'End') return order[order.length - 1]
  if (key === 'PageDown') return order[Math.min(order.length - 1, place + 1)]
  if (key === 'PageUp') return order[Math.max(0, place - 1)]
  const direction = directions[key] as readonly [number, number] | undefined
  if (!direction) return null
  const cosineTo = (other: number): number => {
    const [dx, dy] = [positions[2 * other] - positions[2 * at], positions[2 * other + 1] - positions[2 * at + 1]]
    return (dx * direction[0] + dy * direction[1]) / Math.max(Math.hypot(dx, dy), Number.MIN_VALUE)
  }
  for (const sector of sectors) {
    const found = around.find((one) => order.includes(one.class) && cosineTo(one.class) >= sector)
    if (found) return found.class
  }
  return at
}
