/** Turns each to the next by the golden angle, so that slots fill a disc evenly. */
const goldenAngle = Math.PI * (3 - Math.sqrt(5))
const rounds = 160 // of pushing islands apart
const channel = 0.55 // of a slot's width, that is kept free between islands

interface Island {
  readonly members: readonly number[]
  readonly radius: number
  x: number
  y: number
}

const least = 3 // classes that make an island; of fewer each stands alone

/** Fills an island from its middle outwards, each slot with the class that stood nearest to it. */
function settle({ members, radius, x, y }: Island, from: Float32Array, to: Float32Array): void {
  const count = members.length
  const spread = Math.max(
    1e-6,
    Math.sqrt(members.reduce((sum, at) => sum + (from[2 * at] - x) ** 2 + (from[2 * at + 1] - y) ** 2, 0) / count),
  )
  const left = new Set(members)
  for (let slot = 0; slot < count; slot++) {
    const [reach, angle] = [radius * Math.sqrt((slot + 0.5) / count), slot * goldenAngle]
    const [dx, dy] = count === 1 ? [0, 0] : [reach * Math.cos(angle), reach * Math.sin(angle)]
    let [best, least] = [-1, Infinity]
    for (const at of left) {
      const ex = ((from[2 * at] - x) / spread) * (radius / 1.4) - dx
      const ey = ((from[2 * at + 1] - y) / spread) * (radius / 1.4) - dy
      if (ex * ex + ey * ey < least) [best, least] = [at, ex * ex + ey * ey]
    }
    left.delete(best)
    to[2 * best] = dx
    to[2 * best + 1] = dy
  }
}

function pushApart(islands: readonly Island[], gap: number): void {
  for (let round = 0; round < rounds; round++) {
    for (const [at, one] of islands.entries()) {
      for (const other of islands.slice(at + 1)) {
        const [dx, dy] = [other.x - one.x, other.y - one.y]
        const distance = Math.max(1e-6, Math.hypot(dx, dy))
        const missing = one.radius + other.radius + gap - distance
        if (missing <= 0) continue
        const part = (0.5 * missing) / distance
        one.x -= part * dx
        one.y -= part * dy
        other.x += part * dx
        other.y += part * dy
      }
    }
  }
}

/**
 * Each group an island of its own, near where its classes stood; positions from −1 to 1 in, and out. An island's size
 * goes with its number of classes.
 */
export function islands(positions: Float32Array, clusters: Int32Array): Float32Array<ArrayBuffer> {
  const groups = new Map<number, number[]>()
  clusters.forEach((cluster, at) => {
    const group = groups.get(cluster)
    if (group) group.push(at)
    else groups.set(cluster, [at])
  })
  const slot = 1 / Math.sqrt(Math.max(1, clusters.length)) // half a class's room, where all of them fill the square
  const bands = [...groups.values()].flatMap((members) =>
    members.length < least ? members.map((at) => [at]) : [members],
  )
  const all = bands.map((members): Island => {
    const mean = (axis: 0 | 1): number =>
      members.reduce((sum, at) => sum + positions[2 * at + axis], 0) / members.length
    return { members, radius: slot * Math.sqrt(members.length), x: mean(0), y: mean(1) }
  })
  const placed = new Float32Array(positions.length)
  for (const island of all) settle(island, positions, placed)
  pushApart(all, 2 * channel * slot)
  for (const { members, x, y } of all)
    for (const at of members) {
      placed[2 * at] += x
      placed[2 * at + 1] += y
    }
  return filled(placed)
}

/** Moved and scaled so as to fill the square from −1 to 1. */
function filled(positions: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const ends = ([0, 1] as const).map((axis) => {
    const values = positions.filter((_, at) => at % 2 === axis)
    return [Math.min(...values), Math.max(...values)] as const
  })
  return positions.map((value, at) => {
    const [low, high] = ends[at % 2]
    return high > low ? (2 * (value - low)) / (high - low) - 1 : 0
  })
}
