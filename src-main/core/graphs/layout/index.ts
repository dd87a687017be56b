import type { GraphLayout } from '../../../contract/index.ts'
import type { SpaceGraph } from '../lens.ts'
import { neighbours, type Pair, type SidedGraph } from '../twins.ts'
import { clusters, type Link } from './clusters.ts'
import { rest } from './forces.ts'
import { principalAxes } from './principal-axes.ts'
import { centred, turnedTowards } from './turn.ts'

/** Edges of a class that pull, those with the most attention: more only make a ball of it. */
const mostLinks = 6
/** Ticks of the simulation times classes: what a layout may cost. */
const work = 60_000

/**
 * Where to draw C classes so that those that attend to each other are near; the same pair has the same answer.
 * @param apart whether each graph is laid out by itself, too: that takes as long again.
 */
export function layOut({ left, right }: Pick<Pair, 'left' | 'right'>, C: number, apart: boolean): GraphLayout {
  const graphs = [left, right].flatMap((graph) => graph ?? [])
  const linksOf = new Map(graphs.map((graph) => [graph, strongest(graph, C)]))
  const all = merged([...linksOf.values()].flat(), C, graphs.length)
  const groups = clusters(all, C)
  const ticks = Math.max(30, Math.min(300, Math.round(work / Math.max(1, C))))
  const shared = rest({ links: all, groups, from: principalAxes(meanCosine(graphs, C), C), ticks, heat: 0.8 })
  const own = (graph: SidedGraph | null) => {
    if (graph === null || !apart) return null
    if (graphs.length === 1) return fitted(shared)
    const rested = rest({
      links: linksOf.get(graph)!,
      groups,
      from: centred(shared),
      ticks: Math.ceil(ticks / 2),
      heat: 0.5,
    })
    return fitted(turnedTowards(rested, shared))
  }
  return { shared: fitted(shared), left: own(left), right: own(right), clusters: groups }
}

function meanCosine(graphs: readonly SpaceGraph[], C: number): Float32Array {
  const mean = new Float32Array(C * C)
  // One that is not known is as good as 0.
  for (const { cosine } of graphs) for (let i = 0; i < mean.length; i++) mean[i] += (cosine[i] || 0) / graphs.length
  return mean
}

/** One link for each pair, of the classes that attend to each other most. */
function strongest(graph: SpaceGraph, C: number): Link[] {
  const links: Link[] = []
  let a = 0
  for (const row of neighbours(graph, C)) {
    // Relative to the strongest of its row: how sharply a class attends is no matter of place.
    const most = row.length > 0 ? graph.attention[a * C + row[0]] : 1
    for (const b of row.slice(0, mostLinks)) links.push({ a, b, weight: graph.attention[a * C + b] / most / 2 })
    a++
  }
  return merged(links, C, 1)
}

/** One link for each pair, its weights in all graphs taken together. */
function merged(links: readonly Link[], C: number, graphs: number): Link[] {
  const sums = new Map<number, number>()
  for (const { a, b, weight } of links) {
    const pair = Math.min(a, b) * C + Math.max(a, b)
    sums.set(pair, (sums.get(pair) ?? 0) + weight / graphs)
  }
  return [...sums].map(([pair, weight]) => ({ a: Math.floor(pair / C), b: pair % C, weight }))
}

/** How much more one axis may be stretched than the other, so that the square is filled. */
const mostStretch = 1.3

/** Into the square from −1 to 1, around the middle. */
function fitted(positions: Float64Array) {
  const low = [Infinity, Infinity]
  const high = [-Infinity, -Infinity]
  positions.forEach((value, i) => {
    low[i % 2] = Math.min(low[i % 2], value)
    high[i % 2] = Math.max(high[i % 2], value)
  })
  const half = [0, 1].map((axis) => (high[axis] - low[axis]) / 2)
  const longer = Math.max(...half) || 1
  return Float32Array.from(positions, (value, i) => {
    const [middle, own] = [(low[i % 2] + high[i % 2]) / 2, Math.max(half[i % 2], longer / mostStretch)]
    return (value - middle) / own
  })
}
