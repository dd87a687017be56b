import { writeFileSync } from 'node:fs'
import { InferenceSession } from 'onnxruntime-node'

// Loaded before everything else into a job process: the processor poses as an NVIDIA card whose driver, in the middle of a
// training, never comes back from a step. It says so by the file $UNSEEN_TEST_STUCK.

const mostRuns = 20

type Create = (model: Uint8Array, options: InferenceSession.SessionOptions) => Promise<InferenceSession>
type Run = (...given: unknown[]) => Promise<never>

const create = InferenceSession.create.bind(InferenceSession) as Create
let runs = 0
InferenceSession.create = (async (...[model, options]: Parameters<Create>) => {
  if (options.executionProviders?.[0] !== 'cuda') return create(model, options)
  const session = await create(model, { ...options, executionProviders: ['cpu'] })
  const run = session.run.bind(session) as Run
  session.run = (...given: unknown[]) => {
    if (++runs > mostRuns) {
      writeFileSync(process.env.UNSEEN_TEST_STUCK!, '')
      // The thread is as stuck as in native code, and takes no core.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    }
    return run(...given)
  }
  return session
}) as typeof InferenceSession.create
