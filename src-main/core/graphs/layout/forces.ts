import { forceCollide, forceLink, forceManyBody, forceSimulation, forceX, forceY } from 'd3-force'
import type { Link } from './clusters.ts'

interface Node {
  index: number
  x: number
  y: number
}

/** Distance that a link of full strength keeps; all others follow from it. */
const linkLength = 30

export interface Forces {
  /** Strong ones hold shorter; weights from 0 to 1. */
  readonly links: readonly Link[]
  /** Where each node begins; its spread is set to what suits the number of nodes. */
  readonly from: Float64Array
  readonly ticks: number
  /** Heat at the beginning, 0 to 1: how far nodes may leave where they began. */
  readonly heat: number
}

/** Lets nodes come to rest: linked ones attract, all push each other off, none overlaps. Without chance. */
export function rest({ links, from, ticks, heat }: Forces): Float64Array {
  const C = from.length / 2
  const spread = linkLength * Math.sqrt(C) * 0.75
  let square = 0
  for (const value of from) square += value * value
  const unit = square === 0 ? 1 : spread / Math.sqrt(square / C)
  const nodes: Node[] = Array.from({ length: C }, (_, index) => ({
    index,
    // Twins would begin in one place, which d3 parts by chance.
    x: from[2 * index] * unit + Math.cos(index * 2.4),
    y: from[2 * index + 1] * unit + Math.sin(index * 2.4),
  }))
  const count = new Int32Array(C)
  for (const { a, b } of links) {
    count[a]++
    count[b]++
  }
  const simulation = forceSimulation(nodes)
    .stop()
    .alpha(heat)
    .alphaDecay(1 - Math.pow(0.02 / heat, 1 / ticks))
    .velocityDecay(0.35)
    .force(
      'link',
      forceLink<Node, { source: number; target: number; weight: number }>(
        links.map(({ a, b, weight }) => ({ source: a, target: b, weight })),
      )
        .distance(({ weight }) => linkLength * (1.5 - weight))
        .strength(({ weight, source, target }) => {
          const [a, b] = [source, target] as unknown as [Node, Node]
          return (0.2 + 0.8 * weight) / Math.max(1, Math.min(count[a.index], count[b.index]))
        }),
    )
    .force(
      'charge',
      forceManyBody<Node>()
        .strength(-linkLength * 2)
        .theta(1.1)
        .distanceMax(linkLength * 14),
    )
    .force('collide', forceCollide<Node>(linkLength * 0.42).iterations(1))
    // Keeps parts that nothing links near each other.
    .force('x', forceX<Node>(0).strength(0.045))
    .force('y', forceY<Node>(0).strength(0.06))
  simulation.tick(ticks)
  const positions = new Float64Array(2 * C)
  nodes.forEach(({ x, y }, i) => {
    positions[2 * i] = x
    positions[2 * i + 1] = y
  })
  return positions
}
