import { adamScalars } from '../adam.ts'
import type { Feeds, NamedTensors, Trainer, TrainerState, TrainingGraph } from '../engine.ts'
import { add, scale } from '../expression.ts'
import { gradients } from '../gradients.ts'
import { readAll, withFeeds } from './feeds.ts'
import type { Runtime, Tensor } from './runtime.ts'
import { createWalk, type Walk } from './walk.ts'

/** One parameter and its moments: variables of TensorFlow, which stay on its device and are changed in place. */
interface Slot {
  readonly name: string
  readonly shape: readonly number[]
  readonly value: Tensor
  readonly first: Tensor
  readonly second: Tensor
}

/** Tells the variables of one training from another's in the same process. */
let variables = 0

const gradientOf = (name: string): string => `gradient of ${name}`

/** Trains on TensorFlow: the graph walked operation by operation, then its fused Adam over each parameter. */
export function createTensorFlowTrainer(
  graph: TrainingGraph,
  initial: TrainerState,
  kept: NamedTensors,
  tf: Runtime,
): Trainer {
  const { flag, float32, shape: shapeAttribute, text } = tf.attributes
  const scalar = (value: number): Tensor => tf.upload(Float32Array.of(value), [])

  const variable = (shape: readonly number[], data: Float32Array): Tensor => {
    const name = text('shared_name', `unseen ${variables++}`)
    const made = tf.run('VarHandleOp', [], float32('dtype'), shapeAttribute('shape', shape), name)
    // A copy: the variable is changed in place, and TensorFlow would do that in the array that it was given.
    const values = tf.upload(data.slice(), shape)
    tf.runAll('AssignVariableOp', [made, values], [float32('dtype')], 0)
    tf.free(values)
    return made
  }
  const read = (made: Tensor): Tensor => tf.run('ReadVariableOp', [made], float32('dtype'))

  const slots = graph.parameters.map(({ operation, shape }): Slot => {
    const { name } = operation as { name: string }
    const sizes = shape as readonly number[]
    const zeros = () => new Float32Array(sizes.reduce((product, size) => product * size, 1))
    return {
      name,
      shape: sizes,
      value: variable(sizes, initial.parameters[name].data),
      first: variable(sizes, initial.firstMoments?.[name].data ?? zeros()),
      second: variable(sizes, initial.secondMoments?.[name].data ?? zeros()),
    }
  })
  // What is uploaded lies in the processor's memory; what an operation gives, on the device.
  const keptThere = Object.entries(kept).map(([name, { data, shape }]) => {
    const uploaded = tf.upload(data, shape)
    const there = tf.run('Identity', [uploaded])
    tf.free(uploaded)
    return [name, there] as const
  })
  const byParameter = gradients(graph.loss, graph.parameters)
  const { beta1, beta2, epsilon, weightDecay } = graph.adam
  const gradientOutputs = Object.fromEntries(slots.map(({ name }, at) => [gradientOf(name), byParameter[at]]))
  const penalised = Object.fromEntries(
    slots.map(({ name }, at) => [
      gradientOf(name),
      weightDecay === 0 ? byParameter[at] : add(byParameter[at], scale(graph.parameters[at], weightDecay)),
    ]),
  )
  const walk = createWalk({ ...graph.outputs, ...penalised }, tf)
  let gradientWalk: Walk | null = null

  const constants = { zero: scalar(0), beta1: scalar(beta1), beta2: scalar(beta2) }
  let step = initial.step
  let phases = { graph: 0, adam: 0 }

  /** Runs a graph on what is fed and on the parameters as they are; the caller frees what it gets. */
  const runGraph = (walked: Walk, feeds: Feeds): Map<string, Tensor> =>
    withFeeds(tf, walked.inputs, feeds, (given) => {
      const held: Tensor[] = []
      for (const [name, tensor] of keptThere) given.set(name, tensor)
      try {
        for (const { name, value } of slots) {
          if (!walked.inputs.has(name)) continue
          held.push(read(value))
          given.set(name, held.at(-1)!)
        }
        return walked.run(given)
      } finally {
        // A variable that somebody still reads would be copied before it is changed.
        held.forEach(tf.free)
      }
    })

  /**
   * TensorFlow's kernel divides by √v + ε; ours (METHOD.md section 3) by √v · correction + ε. Divided through by the
   * correction they are the same, with no power of β left for the kernel to correct by.
   */
  function adam(results: ReadonlyMap<string, Tensor>, learningRate: number): void {
    const { rate, correction } = adamScalars(step, learningRate, graph.adam)
    const scalars = [scalar(rate / correction), scalar(epsilon / correction)]
    const [kernelRate, kernelEpsilon] = scalars
    const { zero } = constants
    const settings = [zero, zero, kernelRate, constants.beta1, constants.beta2, kernelEpsilon]
    try {
      for (const { name, value, first, second } of slots) {
        const inputs = [value, first, second, ...settings, results.get(gradientOf(name))!]
        tf.runAll('ResourceApplyAdam', inputs, [flag('use_locking', false)], 0)
      }
    } finally {
      scalars.forEach(tf.free)
    }
  }

  const copies = (of: (slot: Slot) => Tensor): NamedTensors =>
    Object.fromEntries(
      slots.map((slot) => {
        const tensor = read(of(slot))
        const data = tf.read(tensor)
        tf.free(tensor)
        return [slot.name, { data, shape: slot.shape }]
      }),
    )
  const totals = new Map<string, Tensor>()
  /** Adds up there: a read would wait for the device. */
  function addUp(results: Map<string, Tensor>): void {
    for (const name of Object.keys(graph.outputs)) {
      const before = totals.get(name)
      if (before === undefined) {
        totals.set(name, results.get(name)!)
        results.delete(name)
      } else {
        totals.set(name, tf.run('AddV2', [before, results.get(name)!]))
        tf.free(before)
      }
    }
  }
  const forgetTotals = (): void => {
    totals.forEach(tf.free)
    totals.clear()
  }

  return {
    step: (feeds, learningRate) =>
      promised(() => {
        const start = performance.now()
        const results = runGraph(walk, feeds)
        try {
          const walked = performance.now()
          step += 1
          adam(results, learningRate)
          phases = { graph: walked - start, adam: performance.now() - walked }
          addUp(results)
        } finally {
          results.forEach(tf.free)
        }
      }),
    totals: () =>
      promised(() => {
        const read = readAll(tf, totals, [...totals.keys()])
        forgetTotals()
        return read
      }),
    phases: () => phases,
    gradients: (feeds) =>
      promised(() => {
        gradientWalk ??= createWalk(gradientOutputs, tf)
        const results = runGraph(gradientWalk, feeds)
        try {
          const found = readAll(tf, results, Object.keys(gradientOutputs))
          return Object.fromEntries(slots.map(({ name }) => [name, found[gradientOf(name)]]))
        } finally {
          results.forEach(tf.free)
        }
      }),
    state: () =>
      promised(() => ({
        step,
        parameters: copies(({ value }) => value),
        firstMoments: copies(({ first }) => first),
        secondMoments: copies(({ second }) => second),
      })),
    release: () =>
      promised(() => {
        walk.release()
        gradientWalk?.release()
        forgetTotals()
        for (const [, tensor] of keptThere) tf.free(tensor)
        Object.values(constants).forEach(tf.free)
        for (const made of slots.splice(0).flatMap(({ value, first, second }) => [value, first, second])) {
          tf.runAll('DestroyResourceOp', [made], [flag('ignore_lookup_error', true)], 0)
          tf.free(made)
        }
      }),
  }
}

/** TensorFlow answers at once; what it throws belongs in the promise. */
// eslint-disable-next-line @typescript-eslint/require-await
const promised = async <T>(work: () => T): Promise<T> => work()
