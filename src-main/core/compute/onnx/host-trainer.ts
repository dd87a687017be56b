import { Tensor } from 'onnxruntime-node'
import { AppError } from '../../../contract/index.ts'
import { adamScalars } from '../adam.ts'
import type { NamedTensor, NamedTensors, Trainer, TrainerState, TrainingGraph } from '../engine.ts'
import { gradients } from '../gradients.ts'
import { transposed as transpose } from '../linear-algebra.ts'
import { createParallelAdam } from '../parallel-adam.ts'
import { holdTransposed, largeFirst } from './held-transposed.ts'
import { createInPlaceSession } from './in-place-session.ts'
import { toTensors, type SessionSettings } from './session.ts'

interface Slot {
  readonly name: string
  readonly shape: readonly number[]
  readonly size: number
  /** In float32 values from the start of its buffer. */
  readonly offset: number
}

const wasmPage = 65_536
/** A cache line of float32; also a whole number of SIMD registers. */
const alignment = 16

const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1)
const gradientName = (name: string): string => `gradient of ${name}`

/**
 * Trains with all state in this process's memory: on the processor, or on a device that only computes gradients.
 * Parameters, gradients and both moments are four flat stretches of one WebAssembly memory: the session reads its
 * parameters from views on it and writes its gradients into views on it, and Adam is one SIMD pass over all of them. On the
 * processor nothing is copied.
 */
export async function createHostTrainer(
  described: TrainingGraph,
  initial: TrainerState,
  kept: NamedTensors,
  settings: SessionSettings,
): Promise<Trainer> {
  const { graph, transposed } = holdTransposed(described)
  const slots: Slot[] = []
  let length = 0
  for (const { operation, shape } of graph.parameters) {
    const sizes = shape as readonly number[]
    const size = count(sizes)
    slots.push({ name: (operation as { name: string }).name, shape: sizes, size, offset: length })
    length += Math.ceil(size / alignment) * alignment
  }
  const memory = allocate(4 * length * Float32Array.BYTES_PER_ELEMENT)
  const adam = createParallelAdam({ memory, length }, settings.threads)

  const view = (buffer: number, { offset, size }: Slot) =>
    new Float32Array(memory.buffer, 4 * (buffer * length + offset), size)
  const [PARAMETERS, GRADIENTS, FIRST, SECOND] = [0, 1, 2, 3]
  const write = (buffer: number, slot: Slot, values: NamedTensors | null) => {
    if (!values) return
    const { data, shape } = values[slot.name]
    view(buffer, slot).set(transposed.has(slot.name) ? transpose(data, shape[1]) : data)
  }
  for (const slot of slots) {
    write(PARAMETERS, slot, initial.parameters)
    write(FIRST, slot, initial.firstMoments)
    write(SECOND, slot, initial.secondMoments)
  }
  const tensors = (buffer: number, rename = (name: string) => name) =>
    Object.fromEntries(slots.map((slot) => [rename(slot.name), new Tensor('float32', view(buffer, slot), slot.shape)]))

  const byParameter = gradients(graph.loss, graph.parameters)
  const outputs = Object.entries(graph.outputs).map(([name, { shape }]) => {
    const sizes = shape as readonly number[]
    return { name, data: new Float32Array(count(sizes)), total: new Float64Array(count(sizes)), shape: sizes }
  })
  const session = await createInPlaceSession(
    largeFirst({
      ...graph.outputs,
      ...Object.fromEntries(slots.map(({ name }, at) => [gradientName(name), byParameter[at]])),
    }),
    {
      ...Object.fromEntries(outputs.map(({ name, data, shape }) => [name, new Tensor('float32', data, shape)])),
      ...tensors(GRADIENTS, gradientName),
    },
    settings,
  )
  const inputs = new Set(session.inputNames)
  const held = { ...tensors(PARAMETERS), ...toTensors(kept) }
  const heldFeeds = Object.fromEntries(Object.entries(held).filter(([name]) => inputs.has(name)))
  let step = initial.step
  let phases = { graph: 0, adam: 0 }

  const runGraph = async (feeds: Parameters<Trainer['step']>[0]) => {
    const used = Object.fromEntries(Object.entries(toTensors(feeds)).filter(([name]) => inputs.has(name)))
    await session.run({ ...heldFeeds, ...used })
  }
  const copy = (buffer: number, slot: Slot): NamedTensor => {
    const { name, shape } = slot
    const values = view(buffer, slot)
    if (!transposed.has(name)) return { data: values.slice(), shape }
    return { data: transpose(values, shape[1]), shape: shape.toReversed() }
  }
  const copies = (buffer: number): NamedTensors =>
    Object.fromEntries(slots.map((slot) => [slot.name, copy(buffer, slot)]))

  return {
    step: async (feeds, learningRate) => {
      const start = performance.now()
      await runGraph(feeds)
      const ran = performance.now()
      step += 1
      adam.update({ ...graph.adam, ...adamScalars(step, learningRate, graph.adam) })
      phases = { graph: ran - start, adam: performance.now() - ran }
      for (const { data, total } of outputs) data.forEach((value, at) => (total[at] += value))
    },
    totals: () => {
      const totals = outputs.map(({ name, total, shape }) => [name, { data: Float32Array.from(total), shape }] as const)
      for (const { total } of outputs) total.fill(0)
      return Promise.resolve(Object.fromEntries(totals))
    },
    phases: () => phases,
    gradients: async (feeds) => {
      await runGraph(feeds)
      return copies(GRADIENTS)
    },
    state: () =>
      Promise.resolve({
        step,
        parameters: copies(PARAMETERS),
        firstMoments: copies(FIRST),
        secondMoments: copies(SECOND),
      }),
    release: () => {
      adam.release()
      return session.release()
    },
  }
}

function allocate(bytes: number): WebAssembly.Memory {
  const pages = Math.max(1, Math.ceil(bytes / wasmPage))
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  } catch (cause) {
    throw new AppError(
      'compute/too-many-parameters',
      `Training needs ${Math.ceil(bytes / 2 ** 20)} MB for parameters and moments, more than can be had in one piece.`,
      { next: 'Lower “hidden” or “attentionWidth”.', cause },
    )
  }
}
