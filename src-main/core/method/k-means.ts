import type { Random } from '../random.ts'

const restarts = 10
const mostRounds = 300

interface Clustering {
  /** Sum of the squared distances. */
  readonly inertia: number
  readonly centres: Float64Array
}

/**
 * Centres of the seen classes' attributes (METHOD.md sections 2 and 12): k-means++ with 10 restarts, of which the one
 * with the least sum of squares is kept. `rows` is M×`columns`; NaN is unknown: left out of the means, and of the distances,
 * which are scaled up to all columns. A column of which a cluster knows nothing has the mean over all rows there (0 where
 * none is known). With fewer rows than k the centres repeat. Gives k×`columns`.
 */
export function kMeans(rows: Float32Array, columns: number, k: number, random: Random): Float32Array {
  if (rows.length === 0) throw new RangeError('k-means needs a row.')
  const fallback = columnMeans(rows, columns)
  let best: Clustering = { inertia: Infinity, centres: new Float64Array(k * columns) }
  for (let restart = 0; restart < restarts; restart++) {
    const found = lloyd(rows, columns, plant(rows, columns, k, fallback, random), fallback)
    if (found.inertia < best.inertia) best = found
  }
  return Float32Array.from(best.centres)
}

/** k-means++: each next centre is a row drawn with the probability of its squared distance to the nearest one so far. */
function plant(rows: Float32Array, columns: number, k: number, fallback: Float64Array, random: Random): Float64Array {
  const count = rows.length / columns
  const centres = new Float64Array(k * columns)
  const nearest = new Float64Array(count).fill(Infinity)
  let chosen = random.integer(count)
  for (let centre = 0; centre < k; centre++) {
    for (let j = 0; j < columns; j++) {
      const value = rows[chosen * columns + j]
      centres[centre * columns + j] = Number.isNaN(value) ? fallback[j] : value
    }
    let total = 0
    for (let row = 0; row < count; row++) {
      nearest[row] = Math.min(nearest[row], squaredDistance(rows, row, centres, centre, columns))
      total += nearest[row]
    }
    let left = random.uniform() * total
    chosen = 0
    // Every row is a centre already where the total is 0; then the first one repeats.
    while (total > 0 && chosen < count - 1 && (left -= nearest[chosen]) >= 0) chosen++
  }
  return centres
}

/** Lloyd's rounds until no row changes its cluster. An emptied cluster takes the row that is farthest from its centre. */
function lloyd(rows: Float32Array, columns: number, centres: Float64Array, fallback: Float64Array): Clustering {
  const count = rows.length / columns
  const k = centres.length / columns
  const cluster = new Int32Array(count).fill(-1)
  const distance = new Float64Array(count)
  let inertia = Infinity
  for (let round = 0; round < mostRounds; round++) {
    let changed = false
    inertia = 0
    for (let row = 0; row < count; row++) {
      let nearest = 0
      let least = Infinity
      for (let centre = 0; centre < k; centre++) {
        const one = squaredDistance(rows, row, centres, centre, columns)
        if (one < least) [nearest, least] = [centre, one]
      }
      changed ||= cluster[row] !== nearest
      cluster[row] = nearest
      distance[row] = least
      inertia += least
    }
    if (!changed) break
    refill(cluster, distance, k)
    moveCentres(rows, columns, cluster, centres, fallback)
  }
  return { inertia, centres }
}

function refill(cluster: Int32Array, distance: Float64Array, k: number): void {
  for (let centre = 0; centre < k; centre++) {
    if (cluster.includes(centre)) continue
    const farthest = distance.indexOf(Math.max(...distance))
    if (distance[farthest] === 0) return
    cluster[farthest] = centre
    distance[farthest] = 0
  }
}

function moveCentres(
  rows: Float32Array,
  columns: number,
  cluster: Int32Array,
  centres: Float64Array,
  fallback: Float64Array,
): void {
  const sums = new Float64Array(centres.length)
  const known = new Float64Array(centres.length)
  const members = new Set(cluster)
  for (let i = 0; i < rows.length; i++) {
    if (Number.isNaN(rows[i])) continue
    const at = cluster[Math.floor(i / columns)] * columns + (i % columns)
    sums[at] += rows[i]
    known[at] += 1
  }
  for (let at = 0; at < centres.length; at++) {
    if (!members.has(Math.floor(at / columns))) continue
    centres[at] = known[at] > 0 ? sums[at] / known[at] : fallback[at % columns]
  }
}

function squaredDistance(
  rows: Float32Array,
  row: number,
  centres: Float64Array,
  centre: number,
  columns: number,
): number {
  let sum = 0
  let known = 0
  for (let j = 0; j < columns; j++) {
    const from = rows[row * columns + j] - centres[centre * columns + j]
    if (Number.isNaN(from)) continue
    sum += from * from
    known += 1
  }
  return known > 0 ? (sum * columns) / known : 0
}

function columnMeans(rows: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns)
  const known = new Float64Array(columns)
  rows.forEach((value, i) => {
    if (Number.isNaN(value)) return
    sums[i % columns] += value
    known[i % columns] += 1
  })
  return sums.map((sum, j) => (known[j] > 0 ? sum / known[j] : 0))
}
