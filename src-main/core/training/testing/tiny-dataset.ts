import type { Dataset } from '../../datasets/index.ts'
import { createRandom } from '../../random.ts'

/** Clusters around class centres that follow the attributes: small, learnable, and nobody's benchmark. */
export function tinyDataset({
  seen = 9,
  unseen = 3,
  imagesPerClass = 10,
  attributes = 6,
  features = 12,
} = {}): Dataset {
  const random = createRandom(99)
  const normal = () => random.uniform() + random.uniform() + random.uniform() - 1.5
  const classes = seen + unseen
  const values = Float32Array.from({ length: classes * attributes }, () => normal())
  const mixing = Float32Array.from({ length: attributes * features }, () => normal())
  const labels = Int32Array.from({ length: classes * imagesPerClass }, (_, image) => Math.floor(image / imagesPerClass))
  const matrix = new Float32Array(labels.length * features)
  labels.forEach((label, image) => {
    for (let d = 0; d < features; d++) {
      let value = 0.3 * normal()
      for (let k = 0; k < attributes; k++) value += values[label * attributes + k] * mixing[k * features + d]
      matrix[image * features + d] = value
    }
  })
  const images = [...labels.keys()]
  const ofSeen = images.filter((image) => labels[image] < seen)
  const splits = {
    trainval: Int32Array.from(ofSeen.filter((image) => image % 5 !== 0)),
    testSeen: Int32Array.from(ofSeen.filter((image) => image % 5 === 0)),
    testUnseen: Int32Array.from(images.filter((image) => labels[image] >= seen)),
    train: null,
    validation: null,
  }
  const counts = { images: labels.length, classes, seen, unseen, attributes, unknownAttributes: 0, features }
  return {
    manifest: {
      ...{ id: 'tiny', name: 'Tiny', layout: 'arrays', importedAt: '2026-01-01T00:00:00.000Z', contentHash: 'tiny' },
      counts,
      splits: {
        trainval: splits.trainval.length,
        testSeen: splits.testSeen.length,
        testUnseen: splits.testUnseen.length,
        train: null,
        validation: null,
      },
      findings: [],
      ...{ photos: false, drawn: false, backbone: null },
    },
    classNames: Array.from({ length: classes }, (_, one) => `class ${one}`),
    attributeNames: Array.from({ length: attributes }, (_, one) => `attribute ${one}`),
    attributeGroups: Array.from({ length: attributes }, (_, one) => (one < 2 ? 'first' : null)),
    attributes: values,
    features: matrix,
    labels,
    splits,
    seenClasses: Int32Array.from({ length: seen }, (_, one) => one),
    unseenClasses: Int32Array.from({ length: unseen }, (_, one) => seen + one),
  }
}
