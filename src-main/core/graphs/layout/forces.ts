import { forceLink, forceSimulation, forceX, forceY } from 'd3-force'
import { apart } from './apart.ts'
import type { Link } from './clusters.ts'

interface Node {
  readonly index: number
  x: number
  y: number
  vx: number
  vy: number
}

/** Distance that neighbours keep; all else follows from it. */
const near = 30
const groupPull = 0.13 // islands, but not apart from where their classes are linked

export interface Forces {
  /** Weights from 0 to 1: strong ones hold shorter. */
  readonly links: readonly Link[]
  /** Of each node; groups keep together and apart from each other. */
  readonly groups: Int32Array
  /** Where each node begins; its spread is set to what suits the number of nodes. */
  readonly from: Float64Array
  readonly ticks: number
  /** Heat at the beginning, 0 to 1: how far nodes may leave where they began. */
  readonly heat: number
}

/** Lets nodes come to rest: linked ones attract, all push each other off, none overlaps. Without chance. */
export function rest({ links, groups, from, ticks, heat }: Forces): Float64Array {
  const C = from.length / 2
  let square = 0
  for (const value of from) square += value * value
  const unit = square === 0 ? 1 : (0.9 * near * C) / Math.sqrt(square)
  const nodes: Node[] = Array.from({ length: C }, (_, index) => ({
    index,
    // Twins would begin in one place, which d3 parts by chance.
    x: from[2 * index] * unit + Math.cos(index * 2.4),
    y: from[2 * index + 1] * unit + Math.sin(index * 2.4),
    vx: 0,
    vy: 0,
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
      forceLink<Node, { source: number; target: number; weight: number; within: boolean }>(
        links.map(({ a, b, weight }) => ({ source: a, target: b, weight, within: groups[a] === groups[b] })),
      )
        .distance(({ weight, within }) => near * (within ? 1.3 - 0.6 * weight : 3))
        .strength(({ weight, within, source, target }) => {
          const [a, b] = [source, target] as unknown as [Node, Node]
          return (within ? 0.3 + 0.7 * weight : 0.15 * weight) / Math.min(count[a.index], count[b.index])
        }),
    )
    .force('apart', apart(nodes, { strength: 1.5 * near, reach: 12 * near, radius: 0.36 * near }))
    .force('group', towardsGroups(nodes, groups))
    // Keeps parts that nothing links near each other.
    .force('x', forceX<Node>(0).strength(0.05))
    .force('y', forceY<Node>(0).strength(0.05))
  simulation.tick(ticks)
  const positions = new Float64Array(2 * C)
  nodes.forEach(({ x, y }, i) => {
    positions[2 * i] = x
    positions[2 * i + 1] = y
  })
  return positions
}

/** Draws each node to the middle of its group. */
function towardsGroups(nodes: readonly Node[], groups: Int32Array): (alpha: number) => void {
  const count = groups.reduce((most, group) => Math.max(most, group), -1) + 1
  const [x, y, size] = [new Float64Array(count), new Float64Array(count), new Int32Array(count)]
  for (const group of groups) size[group]++
  return (alpha) => {
    x.fill(0)
    y.fill(0)
    for (const node of nodes) {
      const group = groups[node.index]
      x[group] += node.x / size[group]
      y[group] += node.y / size[group]
    }
    for (const node of nodes) {
      const group = groups[node.index]
      node.vx += (x[group] - node.x) * alpha * groupPull
      node.vy += (y[group] - node.y) * alpha * groupPull
    }
  }
}
