import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Expression } from '../expression.ts'
import { serialise } from './serialise.ts'
import { deviceError, openSession, type SessionSettings } from './session.ts'

/** Runs a graph and leaves its outputs in tensors that the caller holds. */
export interface InPlaceSession {
  readonly inputNames: readonly string[]
  run(feeds: Readonly<Record<string, Tensor>>): Promise<void>
  release(): Promise<void>
}

const sequence = 'sequence'
/** What onnxruntime's binding says of an output that it cannot hand over. */
const cannotHandOver = /non tensor type/i

/**
 * onnxruntime writes its outputs straight into `targets`, but its binding for Node then copies each of them once more,
 * into an array that is only thrown away: a third of a large training step, and there is no option against it. After the
 * run it hands outputs over one by one, in the graph's order, and gives up with an error at the first that is no tensor.
 * So the first is one: nothing is copied, and that error is the sign that the run itself is over and went well. A binding
 * that learns to hand over sequences will merely be slower.
 */
export async function createInPlaceSession(
  outputs: Readonly<Record<string, Expression>>,
  targets: Readonly<Record<string, Tensor>>,
  settings: SessionSettings,
): Promise<InPlaceSession> {
  const session = await openSession(serialise(outputs, { leadingSequence: sequence }), settings, {
    // Otherwise its threads wait for the next run on the cores that Adam needs meanwhile.
    extra: {
      session: { force_spinning_stop: '1' },
      // It would turn (W xᵀ)ᵀ, which is faster (held-transposed.ts), into x Wᵀ.
      optimization: { disable_specified_optimizers: 'GemmTransposeFusion' },
    },
  })
  const fetches: InferenceSession.NullableOnnxValueMapType = { [sequence]: null, ...targets }
  return {
    inputNames: session.inputNames,
    run: async (feeds) => {
      try {
        await session.run(feeds, fetches)
      } catch (thrown) {
        if (!cannotHandOver.test(String(thrown))) throw deviceError(settings.provider, thrown)
      }
    },
    release: () => session.release(),
  }
}
