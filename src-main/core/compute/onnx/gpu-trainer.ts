import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { adamScalars, adamStep, firstMoment, next, secondMoment } from '../adam.ts'
import type { Feeds, NamedTensors, Trainer, TrainerState, TrainingGraph } from '../engine.ts'
import { add, input, stopGradient, type Expression } from '../expression.ts'
import { gradients } from '../gradients.ts'
import { putOnCard } from './on-card.ts'
import { createSession, deviceError, fromTensors, toTensors } from './session.ts'

const provider = 'webgpu'
const settings = { provider, threads: null } as const

const totalOf = (name: string): string => `total of ${name}`

/** A float32 tensor of zeros, for an input of known sizes. */
function zeros({ shape }: Expression): Tensor {
  const sizes = shape as readonly number[]
  return new Tensor('float32', new Float32Array(sizes.reduce((product, size) => product * size, 1)), sizes)
}

/**
 * Trains on a graphics card through onnxruntime's WebGPU provider. Adam is part of the graph; parameters, moments and
 * totals are buffers that never leave the card: what one step puts out, the next one takes in. A step that reads nothing
 * back is only handed over: the card works while this process prepares the next one.
 */
export async function createGpuTrainer(
  graph: TrainingGraph,
  initial: TrainerState,
  kept: NamedTensors = {},
): Promise<Trainer> {
  const data = await putOnCard(kept)
  const parameterNames = graph.parameters.map(({ operation }) => (operation as { name: string }).name)
  const outputs = Object.entries(graph.outputs)
  const totalInputs = outputs.map(([name, { shape }]) => input(totalOf(name), shape))
  const totalling = outputs.map(([name, x], at) => [next(totalOf(name)), add(totalInputs[at], x)] as const)
  const stateNames = [
    ...parameterNames.flatMap((name) => [name, firstMoment(name), secondMoment(name)]),
    ...outputs.map(([name]) => totalOf(name)),
  ]
  const session = await createSession({ ...Object.fromEntries(totalling), ...adamStep(graph) }, settings, {
    preferredOutputLocation: Object.fromEntries(stateNames.map((name) => [next(name), 'gpu-buffer'])),
  })
  // A tensor on the card cannot be read directly; a session that only copies, with its outputs here, reads it.
  const createReader = (held: readonly Expression[]) =>
    createSession(
      Object.fromEntries(held.map((x) => [next((x.operation as { name: string }).name), stopGradient(x)])),
      settings,
    )
  const parameterReader = await createReader(graph.parameters)
  const totalReader = await createReader(totalInputs)
  let gradientSession: InferenceSession | null = null

  let step = initial.step
  let milliseconds = 0
  const state = new Map<string, Tensor>()
  graph.parameters.forEach((x, at) => {
    const name = parameterNames[at]
    const given = (tensors: NamedTensors | null) =>
      tensors ? new Tensor('float32', tensors[name].data.slice(), tensors[name].shape) : zeros(x)
    state.set(name, given(initial.parameters))
    state.set(firstMoment(name), given(initial.firstMoments))
    state.set(secondMoment(name), given(initial.secondMoments))
  })
  const replace = (name: string, tensor: Tensor): void => {
    const old = state.get(name)
    state.set(name, tensor)
    if (old?.location === 'gpu-buffer') old.dispose()
  }
  const forgetTotals = (): void => outputs.forEach(([name], at) => replace(totalOf(name), zeros(totalInputs[at])))
  forgetTotals()

  const run = async (session: InferenceSession, feeds: Record<string, Tensor>) => {
    const inputs = new Set(session.inputNames)
    try {
      return await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => inputs.has(name))))
    } catch (cause) {
      throw deviceError(provider, cause)
    }
  }
  const scalar = (value: number) => new Tensor('float32', Float32Array.of(value), [1])
  /** Each parameter, or what is held of it under another name. */
  const read = async (rename: (name: string) => string): Promise<NamedTensors> => {
    const feeds = Object.fromEntries(parameterNames.map((name) => [name, state.get(rename(name))!]))
    const copies = fromTensors(await run(parameterReader, feeds), parameterNames.map(next))
    return Object.fromEntries(parameterNames.map((name) => [name, copies[next(name)]]))
  }

  return {
    step: async (feeds, learningRate) => {
      const start = performance.now()
      step += 1
      const { rate, correction } = adamScalars(step, learningRate, graph.adam)
      const more = { rate: scalar(rate), correction: scalar(correction) }
      const results = await run(session, {
        ...data.tensors,
        ...toTensors(feeds),
        ...Object.fromEntries(state),
        ...more,
      })
      for (const name of stateNames) replace(name, results[next(name)])
      milliseconds = performance.now() - start
    },
    totals: async () => {
      const totals = fromTensors(
        await run(totalReader, Object.fromEntries(state)),
        outputs.map(([name]) => next(totalOf(name))),
      )
      forgetTotals()
      return Object.fromEntries(outputs.map(([name]) => [name, totals[next(totalOf(name))]]))
    },
    phases: () => ({ handingOver: milliseconds }),
    gradients: async (feeds: Feeds) => {
      if (!gradientSession) {
        const byParameter = gradients(graph.loss, graph.parameters)
        const outputs: Record<string, Expression> = {}
        parameterNames.forEach((name, at) => (outputs[next(name)] = byParameter[at]!))
        gradientSession = await createSession(outputs, settings)
      }
      const held = { ...data.tensors, ...Object.fromEntries(state) }
      const results = await run(gradientSession, { ...held, ...toTensors(feeds) })
      const named = fromTensors(results, parameterNames.map(next))
      return Object.fromEntries(parameterNames.map((name) => [name, named[next(name)]]))
    },
    state: async () => ({
      step,
      parameters: await read((name) => name),
      firstMoments: await read(firstMoment),
      secondMoments: await read(secondMoment),
    }),
    release: async () => {
      for (const tensor of state.values()) if (tensor.location === 'gpu-buffer') tensor.dispose()
      await data.release()
      for (const one of [session, parameterReader, totalReader, gradientSession]) await one?.release()
    },
  }
}
