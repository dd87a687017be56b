import type { OpenedDataset, StoredImages } from '../datasets/index.ts'
import { gatherRows } from '../compute/linear-algebra.ts'
import { scaleAttributes } from '../method/scaling.ts'
import type { Lens, SpaceGraph } from './lens.ts'
import { isLearned, known, ofRows, type GraphSource } from './source.ts'

/** A dataset of which no run is asked: what would go into a network, by the rule of the default recipe. */
export function datasetSource({ detail, attributes, images }: OpenedDataset, lens: Lens): GraphSource {
  const { name, classes, photos } = detail
  const seen = Int32Array.from(classes.filter(({ role }) => role === 'seen').map(({ index }) => index))
  const all = Int32Array.from(classes.keys())
  let means: Promise<Float32Array> | null = null
  const rowsOf = async (space: 'attributes' | 'features'): Promise<Float32Array> => {
    if (space === 'features' && images) return (means ??= classMeans(images, classes.length))
    // Without a seen class all of them tell what is usual.
    const scale = seen.length > 0 ? seen : all
    return known(scaleAttributes(attributes.values, attributes.columns, 'global', scale))
  }

  return {
    name,
    caption: [],
    classes: classes.map(({ name, role, images }) => ({ name, role, images, accuracy: null })),
    propagationSteps: null,
    rule: { kind: 'knn', neighbours: 5 },
    spaceOf: (space) => {
      // Nothing has been learned: the semantic side is drawn from what it would be learned from.
      if (space === 'attributes' || space === 'semantic') return 'attributes'
      if (images === null) return { missing: lacksFeatures(name, photos) }
      return space === 'features' ? space : { missing: `The visual graph is learned: train on “${name}” to see it.` }
    },
    graph: async (space, _step, rule) => {
      if (isLearned(space)) throw new RangeError('A dataset has no learned graph.')
      const rows = await rowsOf(space)
      const width = rows.length / classes.length
      const described = all.filter((one) => rows.subarray(one * width, (one + 1) * width).some((value) => value !== 0))
      const graph = await lens.look(gatherRows(rows, width, described), described.length, rule)
      return ofRows(among(graph, described, classes.length))
    },
  }
}

const lacksFeatures = (name: string, photos: boolean): string =>
  photos
    ? `The visual half needs features of the photos of “${name}”: choose a backbone in the dataset to make them.`
    : `The visual half needs image features, and “${name}” has none: import it again together with its features (res101.mat or features.npy).`

/** A graph over some of C classes as one over all: the others are alone, and their cosines not known (NaN). */
function among(graph: Omit<SpaceGraph, 'after'>, members: Int32Array, C: number): Omit<SpaceGraph, 'after'> {
  const [cosine, attention] = [new Float32Array(C * C).fill(NaN), new Float32Array(C * C)]
  const degrees = new Float32Array(C).fill(1)
  for (let i = 0; i < C; i++) attention[i * C + i] = 1
  members.forEach((i, row) => {
    degrees[i] = graph.degrees[row]
    members.forEach((j, column) => {
      cosine[i * C + j] = graph.cosine[row * members.length + column]
      attention[i * C + j] = graph.attention[row * members.length + column]
    })
  })
  return { cosine, attention, degrees }
}

/** C×D: of each class the mean of its training images; zeros for a class without any. */
async function classMeans(images: StoredImages, C: number): Promise<Float32Array> {
  const { manifest, trainval, labels } = images
  const D = manifest.counts.features!
  const sums = new Float64Array(C * D)
  const count = new Int32Array(C)
  let at = 0
  for await (const row of images.features(trainval)) {
    const label = labels[trainval[at++]]
    count[label]++
    for (let d = 0; d < D; d++) sums[label * D + d] += row[d]
  }
  return Float32Array.from(sums, (sum, i) => sum / Math.max(1, count[Math.floor(i / D)]))
}
