import type { CategoryGraph, EdgeRule, GraphSpace, Twins, twinsQuestionSchema } from '../../contract/index.ts'
import type { z } from 'zod'
import { graphDeath } from '../method/graph-death.ts'
import { attentionEpsilon } from '../method/loss.ts'
import type { SpaceGraph } from './lens.ts'
import { isLearned, sameRule, type GraphSource } from './source.ts'

/** What is asked of a source; whose graphs it is has been settled. */
export type Asked = Omit<z.output<typeof twinsQuestionSchema>, 'of'>

/** Two prototypes with a cosine above this are one for every purpose. */
const coincide = 1 - 1e-5
const mostTwinGroups = 50

/** Both graphs, whole. */
export interface Pair {
  readonly left: SidedGraph | null
  readonly right: SidedGraph | null
  readonly missing: string | null
  readonly rule: EdgeRule
  readonly used: boolean
}

export interface SidedGraph extends SpaceGraph {
  readonly space: GraphSpace
}

/** @param asked a step of the source's. */
export async function graphPair(source: GraphSource, asked: Asked): Promise<Pair> {
  const rule = asked.rule ?? source.rule
  const spaces = asked.spaces.map((space) => source.spaceOf(space))
  const [left, right] = await Promise.all(
    spaces.map(async (space) =>
      typeof space === 'string' ? { space, ...(await source.graph(space, asked.step, rule)) } : null,
    ),
  )
  const missing = spaces.flatMap((space) => (typeof space === 'string' ? [] : [space.missing]))
  const steps = source.propagationSteps
  return {
    ...{ left, right, rule },
    missing: missing.length === 0 ? null : [...new Set(missing)].join(' '),
    used:
      steps !== null &&
      spaces.every((space) => typeof space === 'string' && isLearned(space)) &&
      sameRule(rule, source.rule) &&
      asked.step < Math.max(1, steps),
  }
}

/** What a page draws of them. */
export function twinsOf(source: GraphSource, { left, right, missing, rule, used }: Pair, cap: number): Twins {
  const C = source.classes.length
  return {
    classes: [...source.classes],
    left: left && sideOf(left, right, C, cap),
    right: right && sideOf(right, left, C, cap),
    ...{ missing, rule, used },
    propagationSteps: source.propagationSteps,
    isometry: left && right && isometryOf(left, right, C),
  }
}

/** Of each row the neighbours without itself, those with the most attention first; the lower index among equals. */
export function* neighbours({ attention }: SpaceGraph, C: number): Generator<number[]> {
  for (let i = 0; i < C; i++) {
    const row = attention.subarray(i * C, (i + 1) * C)
    const found: number[] = []
    for (let j = 0; j < C; j++) if (row[j] > 0 && j !== i) found.push(j)
    yield found.sort((a, b) => row[b] - row[a] || a - b)
  }
}

function sideOf(graph: SidedGraph, other: SidedGraph | null, C: number, cap: number): CategoryGraph {
  const columns = { from: [] as number[], to: [] as number[], at: [] as number[] }
  let from = 0
  for (const row of neighbours(graph, C)) {
    for (const to of row.slice(0, cap)) {
      columns.from.push(from)
      columns.to.push(to)
      columns.at.push(from * C + to)
    }
    from++
  }
  const degrees = Int32Array.from(graph.degrees, (degree) => degree - 1)
  const meanDegree = C === 0 ? 0 : degrees.reduce((a, b) => a + b, 0) / C
  return {
    space: graph.space,
    edges: {
      from: Int32Array.from(columns.from),
      to: Int32Array.from(columns.to),
      attention: Float32Array.from(columns.at, (at) => graph.attention[at]),
      cosine: Float32Array.from(columns.at, (at) => graph.cosine[at]),
      otherCosine: Float32Array.from(columns.at, (at) => other?.cosine[at] ?? NaN),
      shared: Uint8Array.from(columns.at, (at) => (other && other.attention[at] > 0 ? 1 : 0)),
    },
    self: Float32Array.from({ length: C }, (_, i) => graph.attention[i * C + i]),
    ...{ degrees, meanDegree },
    death: graphDeath(meanDegree, C),
    twins: twinGroups(graph.after, C),
  }
}

/** Classes that cosines join, however many lie between them; largest groups first. */
function twinGroups(cosine: Float32Array, C: number): number[][] {
  const group = Int32Array.from({ length: C }, (_, i) => i)
  const root = (i: number): number => {
    while (group[i] !== i) i = group[i] = group[group[i]]
    return i
  }
  for (let i = 0; i < C; i++) {
    for (let j = i + 1; j < C; j++) if (cosine[i * C + j] > coincide) group[root(j)] = root(i)
  }
  const members = new Map<number, number[]>()
  for (let i = 0; i < C; i++) members.set(root(i), [...(members.get(root(i)) ?? []), i])
  const groups = [...members.values()].filter(({ length }) => length > 1)
  return groups.sort((a, b) => b.length - a.length || a[0] - b[0]).slice(0, mostTwinGroups)
}

function isometryOf(left: SpaceGraph, right: SpaceGraph, C: number): NonNullable<Twins['isometry']> {
  const divergence = new Float32Array(C)
  const counts = { leftOnly: 0, rightOnly: 0, both: 0 }
  let difference = 0
  let compared = 0
  for (let i = 0; i < C; i++) {
    // A class of which either space knows nothing says nothing of how they agree.
    if (Number.isNaN(left.cosine[i * C + i] + right.cosine[i * C + i])) {
      divergence[i] = NaN
      continue
    }
    compared++
    let sum = 0
    for (let at = i * C; at < (i + 1) * C; at++) {
      const [p, q] = [right.attention[at], left.attention[at]]
      // Where neither has an edge both logarithms are the same.
      if (p === 0 && q === 0) continue
      const [a, b] = [p + attentionEpsilon, q + attentionEpsilon]
      sum += a * Math.log(a / b)
      if (at === i * C + i || Number.isNaN(left.cosine[at] + right.cosine[at])) continue
      counts[p === 0 ? 'leftOnly' : q === 0 ? 'rightOnly' : 'both']++
      difference += Math.abs(left.cosine[at] - right.cosine[at])
    }
    divergence[i] = sum
  }
  const edges = counts.leftOnly + counts.rightOnly + counts.both
  return {
    meanDifference: edges === 0 ? 0 : difference / edges,
    meanDivergence: compared === 0 ? 0 : divergence.reduce((a, b) => a + (b || 0), 0) / compared,
    ...{ divergence, ...counts },
  }
}
