import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { adam as adamModule } from './kernels/generated.ts'

/** Memory of a step's state, in float32 values: parameters, gradients, first and second moments, `length` of each. */
export interface AdamState {
  readonly memory: WebAssembly.Memory
  /** A whole number of SIMD registers. */
  readonly length: number
}

/** What one step of Adam needs to know (see kernels/adam.as.ts). */
export interface AdamScalars {
  readonly rate: number
  readonly correction: number
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly weightDecay: number
}

/** What a helping thread is given. All of it is shared memory. */
export interface AdamShare extends AdamState {
  readonly scalars: Float64Array<SharedArrayBuffer>
  readonly control: Int32Array<SharedArrayBuffer>
}

export interface ParallelAdam {
  /** One pass over the whole state; returns when it is done. */
  update(scalars: AdamScalars): void
  release(): void
}

type Kernel = (
  parameters: number,
  gradients: number,
  first: number,
  second: number,
  count: number,
  ...rest: number[]
) => void

/** Places in `control`: how many passes were begun, the next piece to take, how many pieces are done. */
const [PASSES, NEXT, DONE] = [0, 1, 2]
/** Float32 values that a thread takes at a time: small enough that none waits long for the last, large enough to stream. */
const piece = 32_768
/** Adam moves bytes and hardly computes: a few cores saturate the memory. */
const mostThreads = 4

// Beside this file among the sources, beside the entries of the bundle otherwise (electron.vite.config.ts).
const entry = new URL(import.meta.filename.endsWith('.ts') ? 'adam-thread.ts' : '../adam-thread.js', import.meta.url)

/**
 * Adam in up to `threads` threads over one shared memory; with one it starts none. The pieces are taken from a common
 * heap, so that a pass never waits for a thread that the machine has no time for. Every value is computed alone: the result
 * does not depend on who does it.
 */
export function createParallelAdam(state: AdamState, threads: number | null): ParallelAdam {
  const share: AdamShare = {
    ...state,
    scalars: new Float64Array(new SharedArrayBuffer(8 * 8)),
    control: new Int32Array(new SharedArrayBuffer(3 * 4)),
  }
  const { scalars, control } = share
  const pieces = Math.ceil(state.length / piece)
  const workers = Array.from({ length: Math.min(threads ?? availableParallelism(), mostThreads, pieces) - 1 }, () =>
    new Worker(entry, { workerData: share, execArgv: [] }).on('error', () => undefined),
  )
  for (const worker of workers) worker.unref()
  const help = takePieces(share)
  return {
    update: ({ rate, correction, beta1, beta2, epsilon, weightDecay }) => {
      scalars.set([rate, correction, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, weightDecay])
      Atomics.store(control, DONE, 0)
      Atomics.store(control, NEXT, 0)
      Atomics.add(control, PASSES, 1)
      if (workers.length > 0) Atomics.notify(control, PASSES)
      help()
      for (let done; (done = Atomics.load(control, DONE)) < pieces;) Atomics.wait(control, DONE, done)
    },
    release: () => {
      for (const worker of workers) void worker.terminate()
    },
  }
}

/** Does pieces of the present pass until all are taken. One that comes late finds none, or those of the next pass. */
function takePieces({ memory, length, scalars, control }: AdamShare): () => void {
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(adamModule, 'base64')), {
    env: { memory },
  }).exports.adam as Kernel
  const pieces = Math.ceil(length / piece)
  return () => {
    for (let at; (at = Atomics.add(control, NEXT, 1)) < pieces;) {
      const from = at * piece
      const [parameters, gradients, first, second] = [0, 1, 2, 3].map((part) => 4 * (part * length + from))
      kernel(parameters, gradients, first, second, Math.min(piece, length - from), ...scalars)
      Atomics.add(control, DONE, 1)
      Atomics.notify(control, DONE)
    }
  }
}

/** The life of a helping thread: it is ended from outside. */
export function helpForever(share: AdamShare): never {
  const help = takePieces(share)
  for (let seen = 0; ;) {
    Atomics.wait(share.control, PASSES, seen)
    seen = Atomics.load(share.control, PASSES)
    help()
  }
}
