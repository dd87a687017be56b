import { parentPort } from 'node:worker_threads'
import { AppError, toWireError } from '../../contract/index.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { keepingState } from './checkpoints.ts'
import type { FromLane, LaneData, ToLane } from './lanes.ts'
import { runPhase } from './phase.ts'

/** The thread of one phase (see lanes.ts). It waits for its work, and ends by itself when its port is closed. */
const port = parentPort!
const say = (message: FromLane): void => port.postMessage(message)
const stop = new AbortController()
port.on('message', (message: ToLane) => {
  if (message === 'stop') stop.abort()
  else void work(message)
})

async function work({ input, checkpoints }: LaneData): Promise<void> {
  try {
    const output = await runPhase(
      input,
      createCpuEngine(1),
      {
        step: (progress) => say({ type: 'step', progress }),
        heldOut: (...heldOut) => say({ type: 'held-out', heldOut }),
      },
      keepingState(checkpoints, input.phase),
      stop.signal,
    )
    say({ type: 'ended', output })
  } catch (thrown) {
    // Anything else is a bug of ours: it ends this thread as it is, with its stack.
    if (!(thrown instanceof AppError)) throw thrown
    say({ type: 'failed', error: toWireError(thrown) })
  } finally {
    port.close()
  }
}
