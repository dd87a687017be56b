export interface Hull {
  readonly cluster: number
  readonly members: readonly number[]
  /** Corners of the convex hull, as classes, in order. */
  readonly outline: readonly number[]
}

const least = 3 // classes that are worth a hull

function convex(members: readonly number[], positions: Float32Array): number[] {
  const [x, y] = [(at: number) => positions[2 * at], (at: number) => positions[2 * at + 1]]
  const sorted = [...members].sort((a, b) => x(a) - x(b) || y(a) - y(b))
  const turn = (a: number, b: number, c: number): number =>
    (x(b) - x(a)) * (y(c) - y(a)) - (y(b) - y(a)) * (x(c) - x(a))
  const half = (points: readonly number[]): number[] => {
    const chain: number[] = []
    for (const point of points) {
      while (chain.length >= 2 && turn(chain[chain.length - 2], chain[chain.length - 1], point) <= 0) chain.pop()
      chain.push(point)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.toReversed())]
}

/** Outlines of the groups, the largest first. */
export function hullsOf(clusters: Int32Array, positions: Float32Array, shown: Uint8Array | null): Hull[] {
  const groups = new Map<number, number[]>()
  clusters.forEach((cluster, at) => {
    if (shown && !shown[at]) return
    const group = groups.get(cluster)
    if (group) group.push(at)
    else groups.set(cluster, [at])
  })
  return [...groups]
    .filter(([, members]) => members.length >= least)
    .sort(([, one], [, other]) => other.length - one.length)
    .map(([cluster, members]) => ({ cluster, members, outline: convex(members, positions) }))
}
