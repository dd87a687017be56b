import type { TrainingConfig } from '../../contract/index.ts'

/** The knobs that shape the network and its loss; the rest of TrainingConfig says how it is trained. */
export type NetworkConfig = Pick<
  TrainingConfig,
  | 'hidden'
  | 'attentionWidth'
  | 'semanticCentres'
  | 'propagationSteps'
  | 'edgeRule'
  | 'edgeDegrees'
  | 'edgeNeighbours'
  | 'attentionSharpness'
  | 'prototypes'
  | 'sharedAttention'
  | 'consistency'
  | 'consistencyWeight'
  | 'logitTemperature'
>

/** What a dataset decides. */
export interface DataWidths {
  /** K, values that describe a class. */
  readonly attributes: number
  /** D, values that describe an image. */
  readonly features: number
}
