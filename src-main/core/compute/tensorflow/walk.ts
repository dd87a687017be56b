import { inOrder, sameShape, type Expression, type Shape } from '../expression.ts'
import type { Runtime, Tensor } from './runtime.ts'

/** A tensor graph that is run operation by operation. */
export interface Walk {
  /** Names of the inputs and parameters that the graph uses. */
  readonly inputs: ReadonlySet<string>
  /** Computes the outputs from `given` (left as they are). The caller frees the outputs; nothing else stays. */
  run(given: ReadonlyMap<string, Tensor>): Map<string, Tensor>
  release(): void
}

const simple = {
  add: 'AddV2',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'RealDiv',
  greater: 'Greater',
  greaterOrEqual: 'GreaterEqual',
  relu: 'Relu',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  softmax: 'Softmax',
  where: 'SelectV2',
} as const

/** The relu whose gradient `x` is (times what comes from above): TensorFlow does it in one pass. */
function reluOf({ operation, inputs, shape }: Expression): Expression | null {
  if (operation.kind !== 'multiply' || inputs[1].operation.kind !== 'heaviside') return null
  const [relu] = inputs[1].inputs
  return relu.operation.kind === 'relu' && sameShape(inputs[0].shape, shape) ? relu : null
}

/** What `x` is computed from, by us: what a shortcut leaves out is never computed. */
function operandsOf(x: Expression): readonly Expression[] {
  const relu = reluOf(x)
  return relu ? [x.inputs[0], relu] : x.inputs
}

/** Shapes, kernels and lifetimes are settled here, once; a run only calls what was settled. */
export function createWalk(outputs: Readonly<Record<string, Expression>>, tf: Runtime): Walk {
  const { flag, float32, integer } = tf.attributes
  /** What every run needs and none changes: constants, axes, shapes. */
  const kept: Tensor[] = []
  const keep = (tensor: Tensor): Tensor => {
    kept.push(tensor)
    return tensor
  }
  const integersByText = new Map<string, Tensor>()
  const integers = (values: readonly number[], shape?: readonly number[]): Tensor => {
    const key = JSON.stringify([values, shape])
    const known = integersByText.get(key)
    if (known) return known
    const made = keep(tf.integers(values, shape))
    integersByText.set(key, made)
    return made
  }

  type Kernel = (operands: readonly Tensor[]) => Tensor
  const plain =
    (operation: string, ...attributes: Parameters<Runtime['run']>[2][]): Kernel =>
    (operands) =>
      tf.run(operation, operands, ...attributes)
  const withIntegers =
    (operation: string, values: Tensor, ...attributes: Parameters<Runtime['run']>[2][]): Kernel =>
    ([x]) =>
      tf.run(operation, [x, values], ...attributes)
  /** `target` may depend on the sizes that are fed. */
  const reshaped = (x: Tensor, target: readonly number[]): Tensor => {
    const shape = tf.integers(target)
    const made = tf.run('Reshape', [x, shape])
    tf.free(shape)
    return made
  }

  function kernelOf(x: Expression): Kernel {
    const { operation } = x
    if (reluOf(x)) return plain('ReluGrad')
    switch (operation.kind) {
      case 'matMul': {
        if (x.shape.length === 2) {
          return plain(
            'MatMul',
            flag('transpose_a', operation.transposeLeft),
            flag('transpose_b', operation.transposeRight),
          )
        }
        // A stack of matrices times one matrix is one long product.
        return ([left, right]) => {
          const long = reshaped(left, [-1, left.shape.at(-1)!])
          const product = tf.run('MatMul', [long, right])
          const stack = reshaped(product, [...left.shape.slice(0, -1), right.shape[1]])
          tf.free(long)
          tf.free(product)
          return stack
        }
      }
      case 'heaviside': {
        const zero = keep(tf.upload(Float32Array.of(0), []))
        return ([operand]) => {
          const positive = tf.run('Greater', [operand, zero])
          const ones = tf.run('Cast', [positive], float32('DstT'))
          tf.free(positive)
          return ones
        }
      }
      case 'toFloat':
        return plain('Cast', float32('DstT'))
      case 'sum':
        return withIntegers('Sum', integers(operation.axes), flag('keep_dims', true))
      case 'max':
        return withIntegers('Max', integers(operation.axes), flag('keep_dims', true))
      case 'smallestOfTop': {
        const last = integers([-1])
        return ([values, counts]) => {
          const count = reshaped(counts, [])
          const [top, places] = tf.runAll('TopKV2', [values, count], [], 2)
          tf.free(count)
          const smallest = tf.run('Min', [top, last], flag('keep_dims', true))
          tf.free(top)
          tf.free(places)
          return smallest
        }
      }
      case 'gather': {
        const rows = integers([0], [])
        return ([x, numbers]) => tf.run('GatherV2', [x, numbers, rows])
      }
      case 'transpose':
        return withIntegers('Transpose', integers([1, 0]))
      case 'reshape': {
        if (isKnown(x.shape)) return withIntegers('Reshape', integers(x.shape))
        const from = x.inputs[0].shape
        return ([operand]) =>
          reshaped(
            operand,
            x.shape.map((size, axis) =>
              typeof size === 'number' ? size : from[axis] === size ? operand.shape[axis] : -1,
            ),
          )
      }
      case 'broadcast':
        return withIntegers('BroadcastTo', integers(x.shape.map(Number)))
      case 'concat': {
        const axis = integers([operation.axis], [])
        // Operands in a list: TensorFlow cannot tell by itself how many there are and of which type.
        return (operands) => tf.run('ConcatV2', [...operands, axis], integer('N', operands.length), float32('T'))
      }
      case 'slice': {
        const start = integers(x.shape.map((_, axis) => (axis === operation.axis ? operation.start : 0)))
        // −1: all that is left of an axis.
        const size = operation.end - operation.start
        const sizes = integers(x.shape.map((_, axis) => (axis === operation.axis ? size : -1)))
        return ([operand]) => tf.run('Slice', [operand, start, sizes])
      }
      case 'stopGradient':
        return plain('Identity')
      case 'input':
      case 'parameter':
      case 'constant':
        throw new Error(`${operation.kind} is given, not computed.`)
      default:
        return plain(simple[operation.kind])
    }
  }

  const ordered = inOrder(Object.values(outputs))
  const needed = new Set(Object.values(outputs))
  for (const x of ordered.toReversed()) if (needed.has(x)) operandsOf(x).forEach((operand) => needed.add(operand))

  /** Values that are the same in every run. */
  const fixed = new Map<Expression, Tensor>()
  const names = new Map<Expression, string>()
  const steps: { readonly x: Expression; readonly kernel: Kernel; readonly over: Expression[] }[] = []
  for (const x of ordered) {
    if (!needed.has(x)) continue
    const { operation } = x
    const operands = operandsOf(x)
    if (operation.kind === 'input' || operation.kind === 'parameter') {
      names.set(x, operation.name)
    } else if (operation.kind === 'constant') {
      fixed.set(x, keep(tf.upload(Float32Array.of(operation.value), [])))
    } else if (operands.every((operand) => fixed.has(operand))) {
      fixed.set(x, keep(kernelOf(x)(operands.map((operand) => fixed.get(operand)!))))
    } else {
      steps.push({ x, kernel: kernelOf(x), over: [] })
    }
  }
  // A value is let go after the last step that uses it.
  const results = new Set(Object.values(outputs))
  const seen = new Set<Expression>()
  for (const { x, over } of steps.toReversed()) {
    for (const operand of new Set(operandsOf(x))) {
      if (seen.has(operand)) continue
      seen.add(operand)
      if (!results.has(operand) && !fixed.has(operand) && !names.has(operand)) over.push(operand)
    }
  }

  return {
    inputs: new Set(names.values()),
    run(given) {
      const values = new Map(fixed)
      for (const [x, name] of names) values.set(x, given.get(name)!)
      const made = new Set<Tensor>()
      try {
        for (const { x, kernel, over } of steps) {
          const value = kernel(operandsOf(x).map((operand) => values.get(operand)!))
          made.add(value)
          values.set(x, value)
          for (const operand of over) {
            const last = values.get(operand)!
            made.delete(last)
            tf.free(last)
          }
        }
        return new Map(
          Object.entries(outputs).map(([name, x]) => {
            const value = values.get(x)!
            // What the caller gets is the caller's to free: each output once, none that is given or kept.
            return [name, made.delete(value) ? value : tf.run('Identity', [value])]
          }),
        )
      } finally {
        made.forEach((tensor) => tf.free(tensor))
      }
    },
    release: () => {
      kept.splice(0).forEach((tensor) => tf.free(tensor))
    },
  }
}

const isKnown = (shape: Shape): shape is readonly number[] => shape.every((size) => typeof size === 'number')
