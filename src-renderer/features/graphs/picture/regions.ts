/** Classes of one group, painted as a country is on a map. */
export interface Region {
  readonly members: readonly number[]
  /** The class nearest to its middle: the region is named after it. */
  readonly centre: number
  /** Where its caption hangs. */
  readonly below: readonly [x: number, y: number]
}

const least = 3 // classes that are worth a region

/** The groups, the largest first, which is also the order of their colours. `reach`: of a region around its classes. */
export function regionsOf(
  clusters: Int32Array,
  positions: Float32Array,
  reach: number,
  shown: Uint8Array | null,
): Region[] {
  const groups = new Map<number, number[]>()
  clusters.forEach((cluster, at) => {
    if (shown && !shown[at]) return
    const group = groups.get(cluster)
    if (group) group.push(at)
    else groups.set(cluster, [at])
  })
  return [...groups.values()]
    .filter(({ length }) => length >= least)
    .sort((one, other) => other.length - one.length)
    .map((members) => {
      const mean = (axis: 0 | 1): number =>
        members.reduce((sum, at) => sum + positions[2 * at + axis], 0) / members.length
      const [x, y] = [mean(0), mean(1)]
      const distance = (at: number): number => Math.hypot(positions[2 * at] - x, positions[2 * at + 1] - y)
      const centre = members.reduce((best, at) => (distance(at) < distance(best) ? at : best))
      return { members, centre, below: [x, Math.max(...members.map((at) => positions[2 * at + 1])) + reach] as const }
    })
}
