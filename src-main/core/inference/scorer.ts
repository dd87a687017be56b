import type { TrainingConfig } from '../../contract/index.ts'
import type { Engine, Feeds, NamedTensor, NamedTensors } from '../compute/engine.ts'
import { gatherRows } from '../compute/linear-algebra.ts'
import { createNetwork, graphFeeds } from '../method/network.ts'
import type { DataWidths, NetworkConfig } from '../method/network-config.ts'

/** Scores are formed for all pairs of a piece of the images and the classes; a piece takes at most this much memory. */
const pieceBytes = 16 * 2 ** 20

/** A trained IPN and what it needs to know of the classes. C classes, K attributes, D features, S seen classes. */
export interface Model {
  readonly parameters: NamedTensors
  /** k×K, of the scaled seen attributes. */
  readonly centres: Float32Array
  /** C×K, scaled; NaN is unknown. */
  readonly attributes: Float32Array
  /** Ascending class indices. */
  readonly seenClasses: Int32Array
  /** S×D, in the order of `seenClasses`: means of all their training features. */
  readonly classMeans: Float32Array
}

/** Which seen classes lend an unseen one its visual mean (METHOD.md section 5); weights sum to 1. */
export interface VisualAnchor {
  readonly class: number
  readonly from: readonly { readonly class: number; readonly weight: number }[]
}

/** What stands in for the training images that a class does not have; the rule of METHOD.md section 5 where it is silent. */
export interface VisualStandIn {
  /** Seen classes that lend it their means, weights that sum to 1; null: the nearest. */
  readonly anchors: VisualAnchor['from'] | null
  /** Mean of some of its own images (scaled features, D), and its part beside the anchors, 0 to 1. */
  readonly photos: { readonly mean: Float32Array; readonly weight: number } | null
}

/** A model over one set of classes: one graph spans them all. */
export interface Span {
  /** Ascending class indices; the columns of `scores`. */
  readonly classes: Int32Array
  readonly anchors: readonly VisualAnchor[]
  /** Mean number of neighbours of a class without itself, per propagation step. */
  readonly meanDegrees: { readonly semantic: readonly number[]; readonly visual: readonly number[] }
  /** f(x, c) for some rows of scaled features, N×D: B rows → B×C. Only a piece of them is copied at a time. */
  scores(features: Float32Array, rows: Int32Array): Promise<Float32Array>
}

/** Classes made ready for a graph over all of them. */
export interface DescribedClasses {
  readonly anchors: readonly VisualAnchor[]
  readonly feeds: Feeds
}

export interface Scorer {
  /** @param visual of classes that are not seen. */
  span(model: Model, classes: Int32Array, visual?: ReadonlyMap<number, VisualStandIn>): Promise<Span>
  /** What `classes` and `graphs` of the network are fed for these classes. */
  describe(model: Model, classes: Int32Array, visual?: ReadonlyMap<number, VisualStandIn>): Promise<DescribedClasses>
  /** cosine(s_a P_s, s_b P_s), s before propagation, A×B (METHOD.md section 5). */
  similarity(model: Model, of: ArrayLike<number>, to: ArrayLike<number>): Promise<Float32Array>
  release(): Promise<void>
}

const noStandIns: ReadonlyMap<number, VisualStandIn> = new Map()

/** Compiles IPN's scoring once for a device; class and image counts stay open, so that any set of classes can follow. */
export async function createScorer(
  engine: Engine,
  config: NetworkConfig & Pick<TrainingConfig, 'anchors'>,
  widths: DataWidths,
): Promise<Scorer> {
  const { attributes: K, features: D } = widths
  const network = createNetwork(config, widths)
  const anchorProgram = await engine.program(network.anchors)
  const classProgram = await engine.program(network.classes)
  const scoreProgram = await engine.program(network.scores)

  const described = (model: Model, classes: ArrayLike<number>): { attributes: NamedTensor; known: NamedTensor } => {
    const shape = [classes.length, K]
    const attributes = new Float32Array(classes.length * K)
    const known = new Float32Array(classes.length * K)
    for (let row = 0; row < classes.length; row++) {
      for (let k = 0; k < K; k++) {
        const value = model.attributes[classes[row] * K + k]
        if (Number.isNaN(value)) continue
        attributes[row * K + k] = value
        known[row * K + k] = 1
      }
    }
    return { attributes: { data: attributes, shape }, known: { data: known, shape } }
  }
  const centresOf = (model: Model): NamedTensor => ({ data: model.centres, shape: [config.semanticCentres, K] })

  const similarity: Scorer['similarity'] = async (model, of, to) => {
    const others = described(model, to)
    const { similarity } = await anchorProgram.run({
      ...model.parameters,
      ...described(model, of),
      'seen.attributes': others.attributes,
      'seen.known': others.known,
      centres: centresOf(model),
    })
    return similarity.data
  }

  const findAnchors = async (
    model: Model,
    classes: readonly number[],
    visual: ReadonlyMap<number, VisualStandIn>,
  ): Promise<VisualAnchor[]> => {
    if (classes.length === 0) return []
    const cosines = await similarity(model, classes, model.seenClasses)
    const S = model.seenClasses.length
    return classes.map((one, row) => ({
      class: one,
      from:
        visual.get(one)?.anchors ??
        nearest(cosines.subarray(row * S, (row + 1) * S), config.anchors).map(({ at, weight }) => ({
          class: model.seenClasses[at],
          weight,
        })),
    }))
  }

  const describe: Scorer['describe'] = async (model, classes, visual = noStandIns) => {
    const C = classes.length
    const seenRow = new Map(Array.from(model.seenClasses, (one, row) => [one, row]))
    const unseen = Array.from(classes).filter((one) => !seenRow.has(one))
    const anchors = await findAnchors(model, unseen, visual)
    const anchorOf = new Map(anchors.map((anchor) => [anchor.class, anchor]))
    const classMeans = new Float32Array(C * D)
    classes.forEach((one, row) => {
      const photos = seenRow.has(one) ? null : (visual.get(one)?.photos ?? null)
      const share = 1 - (photos?.weight ?? 0)
      for (const { class: from, weight } of anchorOf.get(one)?.from ?? [{ class: one, weight: 1 }]) {
        const start = seenRow.get(from)! * D
        for (let d = 0; d < D; d++) classMeans[row * D + d] += share * weight * model.classMeans[start + d]
      }
      if (photos) for (let d = 0; d < D; d++) classMeans[row * D + d] += photos.weight * photos.mean[d]
    })
    const feeds = {
      ...model.parameters,
      ...described(model, classes),
      ...graphFeeds(C, config),
      centres: centresOf(model),
      classMeans: { data: classMeans, shape: [C, D] },
    }
    return { anchors, feeds }
  }

  return {
    similarity,
    describe,
    span: async (model, classes, visual) => {
      const C = classes.length
      const { anchors, feeds } = await describe(model, classes, visual)
      const results = await classProgram.run(feeds)
      const degrees = (space: string): number[] =>
        Array.from(
          { length: Math.max(1, config.propagationSteps) },
          (_, t) => results[`${space}Edges.${t}`].data[0] / C - 1,
        )
      const projected = results.projected
      const rowsPerPiece = Math.max(1, Math.floor(pieceBytes / (4 * C * config.hidden)))
      return {
        classes,
        anchors,
        meanDegrees: { semantic: degrees('semantic'), visual: degrees('visual') },
        scores: async (features, rows) => {
          const scores = new Float32Array(rows.length * C)
          for (let start = 0; start < rows.length; start += rowsPerPiece) {
            const images = gatherRows(features, D, rows.subarray(start, start + rowsPerPiece))
            const piece = await scoreProgram.run({
              ...model.parameters,
              projected,
              images: { data: images, shape: [images.length / D, D] },
            })
            scores.set(piece.scores.data, start * C)
          }
          return scores
        },
      }
    },
    release: async () => {
      await Promise.all([anchorProgram.release(), classProgram.release(), scoreProgram.release()])
    },
  }
}

/** The `count` largest, first index first among equals, weighted by their cosine (equally where none is positive). */
function nearest(cosines: Float32Array, count: number): { at: number; weight: number }[] {
  const order = Array.from(cosines.keys()).sort((a, b) => cosines[b] - cosines[a] || a - b)
  const chosen = order.slice(0, count)
  const total = chosen.reduce((sum, at) => sum + Math.max(0, cosines[at]), 0)
  return chosen.map((at) => ({ at, weight: total > 0 ? Math.max(0, cosines[at]) / total : 1 / chosen.length }))
}
