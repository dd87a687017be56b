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

/** What a lane is given. The features are shared memory, all else is copied. */
export interface LaneData {
  readonly input: PhaseInput
  readonly checkpoints: Checkpoints
}
export type ToLane = LaneData | 'stop'

/** What a lane says; the last is one of the lower two. An error of ours comes as it is, for the log. */
export type FromLane =
  | { readonly type: 'step'; readonly progress: Parameters<PhaseWatcher['step']>[0] }
  | { readonly type: 'held-out'; readonly heldOut: Parameters<PhaseWatcher['heldOut']> }
  | { readonly type: 'ended'; readonly output: PhaseOutput | null }
  | { readonly type: 'failed'; readonly error: WireError }

// Beside this file among the sources, beside the entries of the bundle otherwise (electron.vite.config.ts).
const entry = new URL(import.meta.filename.endsWith('.ts') ? 'lane.ts' : '../lane.js', import.meta.url)

/** Threads that phases run in. */
export interface Lanes {
  conduct(checkpoints: Checkpoints): ConductPhase
}

/** Threads that wait for a training. */
const early: Thread[] = []
/** The thread of the first phase: others take memory, and the first step does not wait for them. */
export function prepareLane(): void {
  if (early.length === 0) early.push(startThread())
}

/**
 * Each phase in a thread of its own, with a processor engine of one thread: for steps that are over before a second one
 * would be of use. The first threads start at once, while this one reads the data. A thread is never ended from outside,
 * because onnxruntime would take the whole process with it: it is asked, ends its step, keeps its state and leaves.
 */
export function startLanes(count: number): Lanes {
  const started = early.splice(0)
  while (started.length < Math.min(count, Math.max(1, availableParallelism() - 1))) started.push(startThread())
  return {
    conduct: (checkpoints) => (input, watcher, signal) =>
      new Promise((resolve, reject) => {
        const { worker, ended } = started.shift() ?? startThread()
        const stop = (): void => worker.postMessage('stop' satisfies ToLane)
        let output: PhaseOutput | null | undefined
        let failure: unknown
        signal.addEventListener('abort', stop)
        worker.on('message', (message: FromLane) => {
          if (message.type === 'step') watcher.step(message.progress)
          else if (message.type === 'held-out') watcher.heldOut(...message.heldOut)
          else if (message.type === 'ended') output = message.output
          else failure = fromWireError(message.error)
        })
        void ended.then(({ code, thrown }) => {
          signal.removeEventListener('abort', stop)
          if (output !== undefined) resolve(output)
          else reject(((failure ?? thrown) as Error | undefined) ?? laneEnded(code))
        })
        worker.ref()
        worker.postMessage({ input, checkpoints } satisfies ToLane)
      }),
  }
}

interface Thread {
  readonly worker: Worker
  readonly ended: Promise<{ readonly code: number; readonly thrown: unknown }>
}

/** One that waits for its work; until then it holds nobody up. */
function startThread(): Thread {
  const worker = new Worker(entry, { execArgv: [] })
  worker.unref()
  let thrown: unknown
  worker.on('error', (error) => void (thrown = error))
  const ended = new Promise<{ code: number; thrown: unknown }>((resolve) =>
    worker.on('exit', (code) => resolve({ code, thrown })),
  )
  return { worker, ended }
}

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
  { seen, attributes, features, images }: Pick<Counts, 'seen' | 'attributes' | 'features' | 'images'>,
): number {
  const { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon, weightDecay } = config
  const network = createNetwork(config, { attributes, features: features ?? 0 })
  const step = network.episode(episodeSizes(config, seen, images), { beta1, beta2, epsilon, weightDecay })
  return device === 'cpu' && isSmallStep(step) ? Math.min(availableParallelism(), config.holdOuts + 1) : 1
}
