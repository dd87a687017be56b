import type { DeviceName } from '../../contract/index.ts'
import type { Expression } from './expression.ts'

/** A tensor on the seam between the application and an engine. float32 unless it counts (int64, as small integers). */
export interface NamedTensor {
  readonly data: Float32Array
  readonly shape: readonly number[]
}
export type NamedTensors = Readonly<Record<string, NamedTensor>>
/** Whole numbers that a graph takes as int64 (the k of a top-k, numbers of rows). */
export type Feeds = Readonly<Record<string, NamedTensor | { readonly integers: readonly number[] }>>

/** METHOD.md section 3. */
export interface AdamConfig {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** L2, added to the gradient of every parameter. */
  readonly weightDecay: number
}

/** What a training holds besides its data: everything that a checkpoint needs. */
export interface TrainerState {
  readonly step: number
  readonly parameters: NamedTensors
  /** null before the first step: zeros. */
  readonly firstMoments: NamedTensors | null
  readonly secondMoments: NamedTensors | null
}

export interface TrainingGraph {
  /** One value; what is minimised. */
  readonly loss: Expression
  readonly parameters: readonly Expression[]
  /** What is known of a training besides (see `Trainer.totals`). */
  readonly outputs: Readonly<Record<string, Expression>>
  readonly adam: AdamConfig
}

/** A training on a device. How its state is held there is the engine's business. */
export interface Trainer {
  /** One step of Adam on one batch. A card may still be at it when this resolves. */
  step(feeds: Feeds, learningRate: number): Promise<void>
  /**
   * The graph's outputs, each step's as they were before it, added up over the steps since this was last asked for. Waits
   * for the device: ask when somebody wants to know, not at every step.
   */
  totals(): Promise<NamedTensors>
  /** The gradient of the loss, without the L2 penalty; changes nothing. */
  gradients(feeds: Feeds): Promise<NamedTensors>
  /** Milliseconds of the last step in this process, by what the engine can tell apart. */
  phases(): Readonly<Record<string, number>>
  /** A copy. */
  state(): Promise<TrainerState>
  release(): Promise<void>
}

/** A pure function of named tensors on a device. */
export interface Program {
  run(feeds: Feeds): Promise<NamedTensors>
  release(): Promise<void>
}

/** Runs finished tensor graphs on one device. */
export interface Engine {
  readonly device: DeviceName
  /** Whether data that steps take rows from are better kept by the trainer: on a card, which would have to be sent them. */
  readonly keepsData: boolean
  /**
   * `kept`: inputs that are the same at every step, given once; they must not change. Fails with `device/does-not-fit`
   * where the device has no room for them.
   */
  trainer(graph: TrainingGraph, initial: TrainerState, kept?: NamedTensors): Promise<Trainer>
  /** Parameters that `outputs` mention are fed like inputs. */
  program(outputs: Readonly<Record<string, Expression>>): Promise<Program>
}
