import type { ClassInfo, DatasetManifest } from '../../contract/index.ts'

/** Index lists into the images. `train`/`validation` split trainval by class where the benchmark's files carry them. */
export interface Splits {
  readonly trainval: Int32Array
  readonly testSeen: Int32Array
  readonly testUnseen: Int32Array
  readonly train: Int32Array | null
  readonly validation: Int32Array | null
}

/** A stored dataset in memory. N images, D features, C classes, K attributes; matrices are row-major. */
export interface Dataset {
  readonly manifest: DatasetManifest
  readonly classNames: readonly string[]
  readonly attributeNames: readonly string[]
  /** Of each attribute; null: in none. */
  readonly attributeGroups: readonly (string | null)[]
  /** C×K as imported; NaN is "not known". */
  readonly attributes: Float32Array
  /** N×D; null for a dataset without features. */
  readonly features: Float32Array | null
  /** Class index of each image. */
  readonly labels: Int32Array
  readonly splits: Splits
  /** Classes with an image in trainval, ascending. */
  readonly seenClasses: Int32Array
  /** Classes of the unseen test images, and those that are unseen without images; ascending. */
  readonly unseenClasses: Int32Array
}

/**
 * What part each class takes: `seen` with an image in trainval, `unseen` with one among the unseen test images only, or
 * where it is unseen by declaration: a class may have no images and still be one to recognise.
 */
export function classRoles(
  classes: number,
  labels: Int32Array,
  splits: Splits,
  unseen: readonly boolean[] = [],
): ClassInfo['role'][] {
  const roles = Array.from({ length: classes }, (_, index): ClassInfo['role'] => (unseen[index] ? 'unseen' : 'none'))
  const give = (images: Int32Array, role: ClassInfo['role']) => {
    for (const image of images) if (image < labels.length) roles[labels[image]] = role
  }
  give(splits.testUnseen, 'unseen')
  give(splits.trainval, 'seen')
  return roles
}
