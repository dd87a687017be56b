/** What a method learns from. N images, D features, C classes, K attributes; features and attributes are scaled. */
export interface LearningData {
  /** N×D. */
  readonly features: Float32Array
  readonly featureWidth: number
  readonly labels: Int32Array
  /** C×K; NaN where unknown. */
  readonly attributes: Float32Array
  readonly attributeWidth: number
  /** Rows of `features` that may be learned from. */
  readonly rows: Int32Array
  /** Ascending. */
  readonly seenClasses: Int32Array
}
