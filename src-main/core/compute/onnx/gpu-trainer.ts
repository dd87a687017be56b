import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { adamScalars, adamStep, firstMoment, next, secondMoment } from '../adam.ts'
import type { Feeds, NamedTensors, Trainer, TrainerState, TrainingGraph } from '../engine.ts'
import { stopGradient, type Expression } from '../expression.ts'
import { gradients } from '../gradients.ts'
import { createSession, deviceError, fromTensors, toTensors } from './session.ts'

const provider = 'webgpu'
const settings = { provider, threads: null } as const

/**
 * Trains on a graphics card through onnxruntime's WebGPU provider. Adam is part of the graph; parameters and moments are
 * buffers that never leave the card: what one step puts out, the next one takes in.
 */
export async function createGpuTrainer(graph: TrainingGraph, initial: TrainerState): Promise<Trainer> {
  const parameterNames = graph.parameters.map(({ operation }) => (operation as { name: string }).name)
  const outputNames = Object.keys(graph.outputs)
  const stepGraph = adamStep(graph)
  const stateNames = parameterNames.flatMap((name) => [name, firstMoment(name), secondMoment(name)])
  const session = await createSession({ ...graph.outputs, ...stepGraph }, settings, {
    preferredOutputLocation: {
      ...Object.fromEntries(stateNames.map((name) => [next(name), 'gpu-buffer' as const])),
      ...Object.fromEntries(outputNames.map((name) => [name, 'cpu' as const])),
    },
  })
  // A tensor on the card cannot be read directly; a session that only copies, with its output here, reads it.
  const shapes = new Map(graph.parameters.map((x, at) => [parameterNames[at], x]))
  const reader = await createSession(
    Object.fromEntries([...shapes].map(([name, x]) => [next(name), stopGradient(x)])),
    settings,
  )
  let gradientSession: InferenceSession | null = null

  let step = initial.step
  let milliseconds = 0
  const state = new Map<string, Tensor>()
  graph.parameters.forEach(({ shape }, at) => {
    const name = parameterNames[at]
    const sizes = shape as readonly number[]
    const zeros = () => new Float32Array(sizes.reduce((a, b) => a * b, 1))
    state.set(name, new Tensor('float32', initial.parameters[name].data.slice(), sizes))
    state.set(firstMoment(name), new Tensor('float32', initial.firstMoments?.[name].data.slice() ?? zeros(), sizes))
    state.set(secondMoment(name), new Tensor('float32', initial.secondMoments?.[name].data.slice() ?? zeros(), sizes))
  })

  const run = async (session: InferenceSession, feeds: Record<string, Tensor>) => {
    const inputs = new Set(session.inputNames)
    try {
      return await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => inputs.has(name))))
    } catch (cause) {
      throw deviceError(provider, cause)
    }
  }
  const scalar = (value: number) => new Tensor('float32', Float32Array.of(value), [1])
  const read = async (rename: (name: string) => string): Promise<NamedTensors> => {
    const feeds = Object.fromEntries(parameterNames.map((name) => [name, state.get(rename(name))!]))
    const copies = fromTensors(await run(reader, feeds), parameterNames.map(next))
    return Object.fromEntries(parameterNames.map((name) => [name, copies[next(name)]]))
  }

  return {
    step: async (feeds, learningRate) => {
      const start = performance.now()
      step += 1
      const { rate, correction } = adamScalars(step, learningRate, graph.adam)
      const more = { rate: scalar(rate), correction: scalar(correction) }
      const results = await run(session, { ...toTensors(feeds), ...Object.fromEntries(state), ...more })
      for (const name of stateNames) {
        const old = state.get(name)!
        state.set(name, results[next(name)])
        if (old.location === 'gpu-buffer') old.dispose()
      }
      milliseconds = performance.now() - start
      return fromTensors(results, outputNames)
    },
    phases: () => ({ step: milliseconds }),
    gradients: async (feeds: Feeds) => {
      if (!gradientSession) {
        const byParameter = gradients(graph.loss, graph.parameters)
        const outputs: Record<string, Expression> = {}
        parameterNames.forEach((name, at) => (outputs[next(name)] = byParameter[at]!))
        gradientSession = await createSession(outputs, settings)
      }
      const results = await run(gradientSession, { ...toTensors(feeds), ...Object.fromEntries(state) })
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
      await Promise.all([session.release(), reader.release(), gradientSession?.release()])
    },
  }
}
