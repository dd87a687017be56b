/** An undirected edge with its weight; either end once. */
export interface Link {
  readonly a: number
  readonly b: number
  readonly weight: number
}

/** From each node to its neighbours, both ways. */
type Neighbours = ReadonlyMap<number, number>[]

/**
 * Groups with more weight inside than chance would put there: Louvain's method (Blondel and others 2008), nodes always in
 * the order of their indices, so that the same graph has the same groups. Numbered from the largest.
 */
export function clusters(links: readonly Link[], C: number): Int32Array<ArrayBuffer> {
  let member = Int32Array.from({ length: C }, (_, i) => i)
  let graph = neighboursOf(links, C)
  for (;;) {
    const moved = moveNodes(graph)
    const names = new Map([...new Set(moved)].map((name, at) => [name, at]))
    if (names.size === graph.length) return bySize(member)
    const group = moved.map((name) => names.get(name)!)
    member = member.map((node) => group[node])
    graph = merged(graph, group, names.size)
  }
}

function neighboursOf(links: readonly Link[], C: number): Neighbours {
  const graph = Array.from({ length: C }, () => new Map<number, number>())
  for (const { a, b, weight } of links) {
    graph[a].set(b, (graph[a].get(b) ?? 0) + weight)
    graph[b].set(a, (graph[b].get(a) ?? 0) + weight)
  }
  return graph
}

/** Each node in turn goes to the group of a neighbour that gains most, until none does. */
function moveNodes(graph: Neighbours): Int32Array {
  const group = Int32Array.from(graph.keys())
  const strength = Float64Array.from(graph, (row) => [...row.values()].reduce((a, b) => a + b, 0))
  const total = strength.reduce((a, b) => a + b, 0)
  const weightOf = Float64Array.from(strength)
  if (total === 0) return group
  for (let round = 0, moves = 1; moves > 0 && round < 50; round++) {
    moves = 0
    graph.forEach((row, node) => {
      const into = new Map([[group[node], 0]])
      for (const [other, weight] of row) {
        if (other !== node) into.set(group[other], (into.get(group[other]) ?? 0) + weight)
      }
      weightOf[group[node]] -= strength[node]
      let best = group[node]
      const gain = (at: number) => into.get(at)! - (strength[node] * weightOf[at]) / total
      for (const at of into.keys()) if (gain(at) > gain(best) + 1e-12) best = at
      weightOf[best] += strength[node]
      if (best !== group[node]) moves++
      group[node] = best
    })
  }
  return group
}

/** The groups as nodes; what lay inside one becomes an edge of it to itself. */
function merged(graph: Neighbours, group: Int32Array, count: number): Neighbours {
  const next = Array.from({ length: count }, () => new Map<number, number>())
  graph.forEach((row, node) => {
    const into = next[group[node]]
    for (const [other, weight] of row) into.set(group[other], (into.get(group[other]) ?? 0) + weight)
  })
  return next
}

function bySize(member: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const sizes = new Map<number, number>()
  for (const group of member) sizes.set(group, (sizes.get(group) ?? 0) + 1)
  // A group's first member came first into the map: among equals it decides.
  const order = [...sizes.keys()].sort((a, b) => sizes.get(b)! - sizes.get(a)!)
  const place = new Map(order.map((group, at) => [group, at]))
  return member.map((group) => place.get(group)!)
}
