import type { Engine, Program } from '../engine.ts'
import type { Expression } from '../expression.ts'
import { readAll, withFeeds } from './feeds.ts'
import { loadRuntime, type Runtime } from './runtime.ts'
import { createTensorFlowTrainer } from './trainer.ts'
import { createWalk } from './walk.ts'

/**
 * TensorFlow, by the binding of tfjs-node(-gpu), on the processor or on a card, whichever `installation` (a folder laid
 * out as that package's) is for. It is loaded at first use. Fails with `device/failed`.
 */
export function createTensorFlowEngine(installation: string): Engine {
  let loaded: Runtime | undefined
  const runtime = (): Runtime => (loaded ??= loadRuntime(installation))
  return {
    device: 'tensorflow',
    keepsData: true,
    trainer: async (graph, initial, kept = {}) =>
      Promise.resolve(createTensorFlowTrainer(graph, initial, kept, runtime())),
    program: async (outputs) => Promise.resolve(createProgram(outputs, runtime())),
  }
}

function createProgram(outputs: Readonly<Record<string, Expression>>, tf: Runtime): Program {
  const walk = createWalk(outputs, tf)
  const names = Object.keys(outputs)
  return {
    run: async (feeds) => {
      const results = withFeeds(tf, walk.inputs, feeds, (given) => walk.run(given))
      try {
        return await Promise.resolve(readAll(tf, results, names))
      } finally {
        results.forEach(tf.free)
      }
    },
    release: () => {
      walk.release()
      return Promise.resolve()
    },
  }
}
