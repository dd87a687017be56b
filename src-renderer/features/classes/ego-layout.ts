import type { ClassPreview } from '../../../src-main/contract/index.ts'

/** A neighbour around the described class, which stands at (0, 0); the picture reaches from −1 to 1. */
export interface Satellite {
  readonly class: number
  readonly x: number
  readonly y: number
  readonly attention: number
  readonly cosine: number
}

const nearestRadius = 0.62
const farthestRadius = 0.95

/**
 * Both neighbourhoods of a class, drawn alike: a class that is in both stands in the same direction in either, and the
 * more attention it gets the nearer it is. Directions follow the order of attention in both together.
 */
export function egoTwins(
  { semantic, visual }: Pick<ClassPreview, 'semantic' | 'visual'>,
  most = 6,
): { semantic: Satellite[]; visual: Satellite[] } {
  const shown = { semantic: semantic.neighbours.slice(0, most), visual: visual.neighbours.slice(0, most) }
  const weight = new Map<number, number>()
  for (const one of [...shown.semantic, ...shown.visual])
    weight.set(one.class, (weight.get(one.class) ?? 0) + one.attention)
  const order = [...weight].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([one]) => one)
  // Half a step from the top, where a name would stand above the star's own axis.
  const direction = new Map(order.map((one, at) => [one, ((at + 0.5) / order.length) * 2 * Math.PI]))
  const place = (neighbours: typeof shown.semantic): Satellite[] => {
    const strongest = Math.max(1e-9, ...neighbours.map(({ attention }) => attention))
    return neighbours.map(({ class: one, attention, cosine }) => {
      const radius = farthestRadius - (farthestRadius - nearestRadius) * (attention / strongest)
      const angle = direction.get(one)! - Math.PI / 2
      return { class: one, attention, cosine, x: radius * Math.cos(angle), y: radius * Math.sin(angle) }
    })
  }
  return { semantic: place(shown.semantic), visual: place(shown.visual) }
}
