import type { OpenedDataset, StoredImages } from '../datasets/index.ts'
import { scaleAttributes } from '../method/scaling.ts'
import type { Lens } from './lens.ts'
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
      return ofRows(await lens.look(await rowsOf(space), classes.length, rule))
    },
  }
}

const lacksFeatures = (name: string, photos: boolean): string =>
  photos
    ? `The visual half needs features of the photos of “${name}”: choose a backbone in the dataset to make them.`
    : `The visual half needs image features, and “${name}” has none: import it again together with its features (res101.mat or features.npy).`

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
