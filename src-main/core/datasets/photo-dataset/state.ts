import type { ClassInfo } from '../../../contract/index.ts'
import { classRoles, type Splits } from '../dataset.ts'

/** One photo of a dataset. Its place in the list is its index for ever: what is taken out is marked, not deleted. */
export interface Photo {
  /** Name as dropped: its path inside what was dropped. */
  readonly file: string
  readonly sha256: string
  /** Under which the original bytes are kept: `photos/<first two of sha256>/<sha256>.<extension>`. */
  readonly extension: string
  /** Pixels, upright. */
  readonly width: number
  readonly height: number
  readonly removed: boolean
}

/** The small files of a dataset of photos, in memory: all that an edit can change. Never changed in place. */
export interface PhotoState {
  readonly classNames: readonly string[]
  /** For each class whether it was declared unseen; one without photos is unseen anyway. */
  readonly declaredUnseen: readonly boolean[]
  readonly attributeNames: readonly string[]
  /** C×K, row-major; NaN is "not known". */
  readonly attributes: Float64Array
  readonly attributeGroups: readonly (string | null)[]
  readonly photos: readonly Photo[]
  /** Class of each photo. */
  readonly labels: Int32Array
  readonly splits: Splits
}

/** Photos of each class that were not taken out. */
export function photosPerClass({ classNames, photos, labels }: PhotoState): Int32Array {
  const counts = new Int32Array(classNames.length)
  photos.forEach(({ removed }, index) => {
    if (!removed) counts[labels[index]]++
  })
  return counts
}

export function rolesOf(state: PhotoState): ClassInfo['role'][] {
  const { classNames, labels, splits, declaredUnseen } = state
  const counts = photosPerClass(state)
  return classRoles(
    classNames.length,
    labels,
    splits,
    classNames.map((_, index) => declaredUnseen[index] || counts[index] === 0),
  )
}
