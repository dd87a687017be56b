import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import {
  AppError,
  fromWireError,
  type Counts,
  type DeviceName,
  type TrainingConfig,
  type WireError,
} from '../../contract/index.ts'
import { isSmallStep } from '../compute/onnx/engine.ts'
import { createNetwork } from '../method/network.ts'
import type { Checkpoints } from './checkpoints.ts'
import { episodeSizes } from './episodes.ts'
import type { ConductPhase, PhaseInput, PhaseOutput, PhaseWatcher } from './phase.ts'

/** What a lane is given when it starts. The features are shared memory, all else is copied. */
export interface LaneData {
  readonly input: PhaseInput
  readonly checkpoints: Checkpoints
}

/** What a lane says; the last is one of the lower two. An error of ours comes as it is, for the log. */
export type FromLane =
  | { readonly type: 'step'; readonly progress: Parameters<PhaseWatcher['step']>[0] }
  | { readonly type: 'held-out'; readonly heldOut: Parameters<PhaseWatcher['heldOut']> }
  | { readonly type: 'ended'; readonly output: PhaseOutput | null }
  | { readonly type: 'failed'; readonly error: WireError }

// Beside this file among the sources, beside the entries of the bundle otherwise (electron.vite.config.ts).
const entry = new URL(import.meta.filename.endsWith('.ts') ? 'lane.ts' : '../lane.js', import.meta.url)

/**
 * Each phase in a thread of its own, with a processor engine of one thread: for steps that are over before a second one
 * would be of use. A thread is never ended from outside, because onnxruntime would take the whole process with it: it is
 * asked, ends its step, keeps its state and leaves.
 */
export const conductInLane =
  (checkpoints: Checkpoints): ConductPhase =>
  (input, watcher, signal) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(entry, { workerData: { input, checkpoints } satisfies LaneData, execArgv: [] })
      const stop = (): void => worker.postMessage('stop')
      let output: PhaseOutput | null | undefined
      let failure: unknown
      signal.addEventListener('abort', stop)
      worker.on('message', (message: FromLane) => {
        if (message.type === 'step') watcher.step(message.progress)
        else if (message.type === 'held-out') watcher.heldOut(...message.heldOut)
        else if (message.type === 'ended') output = message.output
        else failure = fromWireError(message.error)
      })
      worker.on('error', (thrown) => {
        failure = thrown
      })
      worker.on('exit', (code) => {
        signal.removeEventListener('abort', stop)
        if (output !== undefined) resolve(output)
        else reject((failure as Error | undefined) ?? laneEnded(code))
      })
    })

const laneEnded = (code: number): AppError =>
  new AppError('training/lane-ended', `A part of the training ended unexpectedly (exit code ${code}).`, {
    next: 'Resume it: it goes on where it last kept its state. If it happens again, memory may be short.',
  })

/**
 * How many phases run at once. Steps that are small enough for one thread leave the other cores to other phases; a larger
 * one uses them all by itself, and so does a card.
 */
export function lanesFor(
  device: DeviceName,
  config: TrainingConfig,
  {
    seen,
    attributes,
    features,
    trainval,
  }: Pick<Counts, 'seen' | 'attributes' | 'features'> & { readonly trainval: number },
): number {
  const { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon, weightDecay } = config
  const network = createNetwork(config, { attributes, features: features ?? 0 })
  const step = network.episode(episodeSizes(config, seen, trainval), { beta1, beta2, epsilon, weightDecay })
  return device === 'cpu' && isSmallStep(step) ? Math.min(availableParallelism(), config.holdOuts + 1) : 1
}
