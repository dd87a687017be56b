import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { AppError } from '../../../contract/index.ts'

/** A tensor that TensorFlow holds. Whoever gets one frees it, once. */
export interface Tensor {
  readonly id: number
  readonly shape: readonly number[]
}

interface Attribute {
  readonly name: string
  readonly type: number
  readonly value: unknown
}

/** What we use of the N-API binding inside tfjs-node and tfjs-node-gpu: TensorFlow's eager C API. */
interface Binding {
  readonly TF_Version: string
  readonly TF_FLOAT: number
  readonly TF_INT32: number
  readonly TF_ATTR_STRING: number
  readonly TF_ATTR_INT: number
  readonly TF_ATTR_BOOL: number
  readonly TF_ATTR_TYPE: number
  readonly TF_ATTR_SHAPE: number
  /** Shares the memory of `values` where it lies well; they must not change while the tensor lives. */
  createTensor(shape: readonly number[], type: number, values: Float32Array | Int32Array): number
  deleteTensor(id: number): void
  tensorDataSync(id: number): Float32Array
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): { readonly id: number; readonly shape: readonly number[] }[]
  getNumOfTensors(): number
  isUsingGpuDevice(): boolean
}

/** TensorFlow in this process: its operations by name, and tensors with explicit lifetimes. */
export interface Runtime {
  readonly version: string
  readonly gpu: boolean
  readonly attributes: {
    readonly flag: (name: string, value: boolean) => Attribute
    readonly integer: (name: string, value: number) => Attribute
    readonly text: (name: string, value: string) => Attribute
    readonly float32: (name: string) => Attribute
    readonly shape: (name: string, value: readonly number[]) => Attribute
  }
  /** `data` must stay as it is while the tensor lives. */
  readonly upload: (data: Float32Array, shape: readonly number[]) => Tensor
  /** int32, which TensorFlow keeps in the processor's memory: axes, shapes, counts. */
  readonly integers: (values: readonly number[], shape?: readonly number[]) => Tensor
  readonly run: (operation: string, inputs: readonly Tensor[], ...attributes: readonly Attribute[]) => Tensor
  /** For operations with any other number of results than one. */
  readonly runAll: (
    operation: string,
    inputs: readonly Tensor[],
    attributes: readonly Attribute[],
    results: number,
  ) => readonly Tensor[]
  /** A copy. */
  readonly read: (tensor: Tensor) => Float32Array
  readonly free: (tensor: Tensor) => void
  /** How many tensors are held. */
  readonly held: () => number
}

/** The binding of highest Node-API level that this Node has, in a folder laid out as tfjs-node's; null where none is. */
export function findBinding(folder: string): string | null {
  const available = Number(process.versions.napi)
  try {
    const levels = readdirSync(join(folder, 'lib'))
      .map((name) => Number(/^napi-v(\d+)$/.exec(name)?.[1]))
      .filter((level) => level <= available)
    return levels.length === 0 ? null : join(folder, 'lib', `napi-v${Math.max(...levels)}`, 'tfjs_binding.node')
  } catch {
    return null
  }
}

/**
 * Loads TensorFlow into this process, hundreds of megabytes: for job processes. Of tfjs-node only the binding: its
 * JavaScript brings an autodiff, optimisers and layers of its own, and wants functions of `util` that Node 23 removed.
 * Throws `device/failed`.
 */
export function loadRuntime(folder: string): Runtime {
  const path = findBinding(folder)
  if (path === null) throw tensorFlowFailed('its files are not where they were installed.')
  // What it notes about the processor and about missing cards would pass for errors of ours.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
  const binding = guarded(() => createRequire(import.meta.url)(path) as Binding)

  const idsOf = (tensors: readonly Tensor[]) => tensors.map(({ id }) => id)
  return {
    version: binding.TF_Version,
    gpu: binding.isUsingGpuDevice(),
    attributes: {
      flag: (name, value) => ({ name, type: binding.TF_ATTR_BOOL, value }),
      integer: (name, value) => ({ name, type: binding.TF_ATTR_INT, value }),
      text: (name, value) => ({ name, type: binding.TF_ATTR_STRING, value }),
      float32: (name) => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT }),
      shape: (name, value) => ({ name, type: binding.TF_ATTR_SHAPE, value }),
    },
    upload: (data, shape) => ({ id: guarded(() => binding.createTensor(shape, binding.TF_FLOAT, data)), shape }),
    integers: (values, shape = [values.length]) => ({
      id: guarded(() => binding.createTensor(shape, binding.TF_INT32, Int32Array.from(values))),
      shape,
    }),
    run: (operation, inputs, ...attributes) =>
      guarded(() => binding.executeOp(operation, attributes, idsOf(inputs), 1)[0]),
    runAll: (operation, inputs, attributes, results) =>
      guarded(() => binding.executeOp(operation, attributes, idsOf(inputs), results)),
    read: ({ id }) => guarded(() => binding.tensorDataSync(id)),
    free: ({ id }) => binding.deleteTensor(id),
    held: () => binding.getNumOfTensors(),
  }
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    // “Invalid TF_Status: 3”, a line “Message: …”, and sometimes where in TensorFlow it was: the message says it.
    const text = cause instanceof Error ? cause.message : String(cause)
    const [line] = (/Message: (.*)/s.exec(text)?.[1] ?? text).split('\n', 1)
    throw tensorFlowFailed(line, cause)
  }
}

export function tensorFlowFailed(why: string, cause?: unknown): AppError {
  return new AppError('device/failed', `The device “tensorflow” could not do this: ${why}`, {
    next: 'Choose the device “cpu”, which is always there.',
    cause,
  })
}
