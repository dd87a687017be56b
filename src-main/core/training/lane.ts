import { parentPort, workerData } from 'node:worker_threads'
import { AppError, toWireError } from '../../contract/index.ts'
import { createCpuEngine } from '../compute/onnx/engine.ts'
import { keepingState } from './checkpoints.ts'
import type { FromLane, LaneData } from './lanes.ts'
import { runPhase } from './phase.ts'

/** The thread of one phase (see lanes.ts). It ends by itself when its port is closed. */
const port = parentPort!
const { input, checkpoints } = workerData as LaneData
const say = (message: FromLane): void => port.postMessage(message)
const stop = new AbortController()
port.once('message', () => stop.abort())

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
