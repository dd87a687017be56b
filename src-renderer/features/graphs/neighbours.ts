import type { CategoryGraph } from '../../../src-main/contract/index.ts'

export interface Neighbour {
  readonly class: number
  readonly cosine: number
  /** That the class gives it; 0 where it only gets attention from there. */
  readonly attention: number
}

/** For each class: where its own edges begin (they are told class by class), and who attends to it. */
export interface Neighbourhoods {
  /** Whom a class attends to, the nearest first. */
  of(at: number): readonly Neighbour[]
  /** Everyone at the other end of an edge, in either direction, with the greater attention; the strongest first. */
  around(at: number): readonly Neighbour[]
}

export function neighbourhoods({ edges }: CategoryGraph, classes: number): Neighbourhoods {
  const [starts, arrivals] = [new Int32Array(classes + 1), new Int32Array(classes + 1)]
  for (const from of edges.from) starts[from + 1]++
  for (const to of edges.to) arrivals[to + 1]++
  for (let at = 0; at < classes; at++) {
    starts[at + 1] += starts[at]
    arrivals[at + 1] += arrivals[at]
  }
  const incoming = new Int32Array(edges.to.length)
  const next = arrivals.slice()
  edges.to.forEach((to, edge) => (incoming[next[to]++] = edge))

  const outgoing = (at: number): Neighbour[] =>
    Array.from({ length: starts[at + 1] - starts[at] }, (_, place) => {
      const edge = starts[at] + place
      return { class: edges.to[edge], cosine: edges.cosine[edge], attention: edges.attention[edge] }
    })

  return {
    of: (at) => outgoing(at).sort((a, b) => b.cosine - a.cosine),
    around: (at) => {
      const all = new Map(outgoing(at).map((one) => [one.class, one]))
      for (const edge of incoming.subarray(arrivals[at], arrivals[at + 1])) {
        const one = { class: edges.from[edge], cosine: edges.cosine[edge], attention: edges.attention[edge] }
        if ((all.get(one.class)?.attention ?? -1) < one.attention) all.set(one.class, one)
      }
      return [...all.values()].sort((a, b) => b.attention - a.attention || a.class - b.class)
    },
  }
}

/** Which classes are at most `depth` edges from one, in any of the graphs: 1 or 0 per class. */
export function within(graphs: readonly CategoryGraph[], classes: number, centre: number, depth: number): Uint8Array {
  const reached = new Uint8Array(classes)
  reached[centre] = 1
  for (let step = 0; step < depth; step++) {
    const before = reached.slice()
    for (const { edges } of graphs)
      edges.from.forEach((from, edge) => {
        const to = edges.to[edge]
        if (before[from]) reached[to] = 1
        if (before[to]) reached[from] = 1
      })
  }
  return reached
}
