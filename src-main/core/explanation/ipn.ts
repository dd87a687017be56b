import type { NamedTensor } from '../compute/engine.ts'
import type { OpenRun } from '../inference/open-run.ts'
import { extendModel, type Cast } from '../studio/extend-model.ts'
import { describedBy, rangesOf, scaledBeside, type Attribution, type Explainable, type Flow } from './explainable.ts'
import { gaussLegendre } from './integrate.ts'
import { attentionName, type RedescribedNetwork } from './redescribed.ts'

const how =
  'Integrated gradients: both descriptions go from “not known” to what they are, through the whole model with its graphs, while what stands for the photos stays; where an edge of a graph appears or vanishes on the way, the jump is in the remainder.'

/** Points of the path. Its slope breaks wherever a unit or an edge switches, so that many points count, not a high order. */
const pointsFor = (classes: number): number => Math.max(16, Math.min(64, Math.floor(6400 / classes)))

/** @param image scaled features, D. */
export async function explainIpn(
  run: OpenRun,
  network: RedescribedNetwork,
  cast: Cast,
  image: Float32Array,
): Promise<Explainable> {
  const { model: own, context, descriptions, scorer, widths } = run
  const { attributes: K, features: D } = widths
  const { hidden: H, attributeScaling: scaling, propagationSteps } = run.run.config
  const { model, classes, visual, list } = extendModel({ model: own, context, descriptions, scaling }, cast)
  const C = classes.length

  const { anchors, feeds } = await scorer.describe(model, classes, visual)
  const prototypes = await (await run.program(network.prototypes)).run(feeds)
  const images = await run.program(run.network.images)
  const { seen } = await images.run({ ...model.parameters, images: { data: image, shape: [1, D] } })
  const pairs = await run.program(run.network.pairs)
  const given = { ...model.parameters, seen, projected: prototypes.projected }
  const { data: scores } = (await pairs.run(given)).scores
  const rescoring = await run.program(network.rescored)
  const comparing = await run.program(network.compared(C))

  const rows = (name: 'attributes' | 'known', places: readonly number[]): Float32Array => {
    const { data } = feeds[name] as NamedTensor
    return Float32Array.from(places.flatMap((at) => [...data.subarray(at * K, (at + 1) * K)]))
  }
  /** What the programs are fed so that some classes can be described anew. */
  const apart = (places: readonly number[]) => {
    const others = prototypes.semantic.data.slice()
    const place = new Float32Array(C * places.length)
    places.forEach((at, column) => {
      others.fill(0, at * H, (at + 1) * H)
      place[at * places.length + column] = 1
    })
    return {
      ...feeds,
      seen,
      visual: prototypes.visual,
      others: { data: others, shape: [C, H] },
      place: { data: place, shape: [C, places.length] },
    }
  }
  const compare = async (places: readonly [number, number], share: number) => {
    const known = rows('known', places).map((one) => one * share)
    return comparing.run({
      ...apart(places),
      attributes: { data: rows('attributes', places), shape: [2, K] },
      known: { data: known, shape: [2, K] },
    })
  }

  const attribute = async (first: number, second: number): Promise<Attribution> => {
    const start = await compare([first, second], 0)
    const known = rows('known', [first, second])
    const parts = new Float64Array(2 * K)
    for (const { at, weight } of gaussLegendre(pointsFor(C))) {
      const { byKnown } = await compare([first, second], at)
      byKnown.data.forEach((slope, i) => (parts[i] += weight * slope * known[i]))
    }
    const [baseline] = start.difference.data
    return { baseline, throughFirst: parts.subarray(0, K), throughSecond: parts.subarray(K) }
  }

  const scaled = rangesOf(own.attributes, K)
  const slopes = async (first: number, second: number): Promise<Float64Array> => {
    const { byAttributes } = await compare([first, second], 1)
    return Float64Array.from({ length: K }, (_, k) => byAttributes.data[k] * (scaled.high[k] - scaled.low[k]))
  }

  const scaledRow = (described: Float32Array): Float32Array =>
    scaledBeside(described, descriptions, scaling, context.seenClasses)
  const rescored = async (one: number, described: Float32Array): Promise<Float32Array> => {
    const values = scaledRow(described)
    const results = await rescoring.run({
      ...apart([one]),
      attributes: { data: values.map((value) => (Number.isNaN(value) ? 0 : value)), shape: [1, K] },
      known: { data: values.map((value) => (Number.isNaN(value) ? 0 : 1)), shape: [1, K] },
    })
    return results.scores.data
  }
  const scoredAnew = async (one: number, described: Float32Array): Promise<Float32Array> => {
    const attributes = model.attributes.slice()
    attributes.set(scaledRow(described), classes[one] * K)
    return (await scorer.span({ ...model, attributes }, classes, visual)).scores(image, Int32Array.of(0))
  }

  const placeOf = new Map(Array.from(classes, (one, at) => [one, at]))
  const flow = (one: number): Flow => {
    const through = (space: 'semantic' | 'visual'): Float64Array => {
      let shares = new Float64Array(C)
      shares[one] = 1
      // From the last step back to the first.
      for (let step = propagationSteps - 1; step >= 0; step--) {
        shares = timesMatrix(shares, prototypes[attentionName(space, step)].data)
      }
      return shares
    }
    const anchor = anchors.find((anchor) => anchor.class === classes[one])
    const lent = 1 - (visual.get(classes[one])?.photos?.weight ?? 0)
    return {
      semantic: through('semantic'),
      visual: through('visual'),
      anchors: (anchor?.from ?? []).map(({ class: from, weight }) => ({
        class: placeOf.get(from)!,
        share: weight * lent,
      })),
    }
  }

  return {
    ...{ classes: list, scores, how, attribute, slopes, rescored, scoredAnew, flow },
    described: (one) => describedBy(classes[one], descriptions, cast),
  }
}

/** rowᵀ M, M with as many rows as columns. */
function timesMatrix(row: Float64Array, matrix: Float32Array): Float64Array<ArrayBuffer> {
  const result = new Float64Array(row.length)
  row.forEach((factor, i) => {
    if (factor === 0) return
    for (let j = 0; j < row.length; j++) result[j] += factor * matrix[i * row.length + j]
  })
  return result
}
