import type { Finding, Layout } from '../../contract/index.ts'
import type { Numbers } from './formats/numbers.ts'
import type { Dropped, DroppedFile } from './dropped.ts'

/** What a layout's files say, before it is judged: everything but the feature values, which may not fit in memory. */
export interface DatasetSource {
  readonly classNames: readonly string[]
  readonly attributeNames: readonly string[]
  /** C×K, row-major; NaN is "not known". */
  readonly attributes: Float64Array
  /** Group of each attribute; null in it: in none. null: the files know of no groups. */
  readonly attributeGroups: readonly (string | null)[] | null
  /** Class index of each image, from 0; null where the files do not tell. May be out of range: `judge` looks. */
  readonly labels: Float64Array | null
  readonly imageFiles: readonly string[] | null
  /** The photos themselves, in the order of `labels`; null for a dataset of features. Nobody has opened them yet. */
  readonly photos: readonly DroppedFile[] | null
  /** null: chosen by content hash, once the photos have been read. */
  readonly splits: SourceSplits | null
  /** Classes that are declared unseen, whether they have photos or not; null: those without photos. */
  readonly unseenClasses: readonly number[] | null
  readonly features: FeatureSource | null
  /** What only this layout can know. */
  readonly findings: readonly Finding[]
}

/** Index lists from 0; not yet checked. */
export interface SourceSplits {
  readonly trainval: Float64Array
  readonly testSeen: Float64Array
  readonly testUnseen: Float64Array
  readonly train: Float64Array | null
  readonly validation: Float64Array | null
}

export interface FeatureSource {
  /** Images. */
  readonly rows: number
  /** Length of a feature vector. */
  readonly columns: number
  /** The matrix, image after image, in portions that need not end with a row. Each is valid until the next is asked for. */
  values(signal: AbortSignal): AsyncGenerator<Numbers>
}

/** One per layout. */
export interface Importer {
  readonly layout: Layout
  recognises(dropped: Dropped): boolean
  /** Reads all but the feature values. @throws AppError where the files cannot be a dataset. */
  read(dropped: Dropped, signal: AbortSignal): Promise<DatasetSource>
}
