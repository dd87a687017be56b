import { ByteBuffer } from 'flatbuffers'
import { damagedPackage } from './failures.ts'

// The format: TensorFlow Lite's schema.fbs, version 3. The numbers of fields and operators are its.

export interface Network {
  readonly tensors: readonly Tensor[]
  /** In the order in which they run. */
  readonly operators: readonly Operator[]
  /** Indices of tensors. */
  readonly inputs: readonly number[]
}

interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: 'float32' | 'float16' | 'other'
  /** Its values where the file holds them; nothing where an operator makes it. */
  readonly data: Uint8Array
}

/** Inputs and outputs are indices of tensors. */
export type Operator = { readonly inputs: readonly number[]; readonly outputs: readonly number[] } & Meaning

type Meaning =
  | (Convolution & { readonly kind: 'convolution' | 'depthwise' })
  | { readonly kind: 'add'; readonly activation: Activation }
  | { readonly kind: 'dequantize' | 'other' }

interface Convolution {
  readonly padding: 'same' | 'valid'
  /** Rows, columns. */
  readonly strides: readonly [number, number]
  readonly dilations: readonly [number, number]
  readonly activation: Activation
}

type Activation = 'none' | 'relu6' | 'other'

/** How many of its inputs an operator cannot do without. */
const inputsOf = { convolution: 3, depthwise: 3, add: 2, dequantize: 1, other: 0 } as const

/** Reads the first graph of a .tflite file. */
export function readTflite(bytes: Uint8Array): Network {
  const buffer = new ByteBuffer(bytes)
  const model = new Table(buffer, follow(buffer, 0))
  const codes = model.tables(1).map((code) => Math.max(code.byte(0), code.int(3, 0)))
  const graph = model.tables(2).at(0)
  if (graph === undefined) throw damagedPackage('the network is empty')
  const buffers = model.tables(4)
  const tensors = graph.tables(0).map((tensor): Tensor => {
    const type = tensor.byte(1)
    return {
      shape: tensor.ints(0),
      type: type === 0 ? 'float32' : type === 1 ? 'float16' : 'other',
      data: buffers.at(tensor.int(2, 0))?.bytes(0) ?? new Uint8Array(0),
      name: new TextDecoder().decode(tensor.bytes(3)),
    }
  })
  const operators = graph.tables(3).map((operator): Operator => {
    const inputs = operator.ints(1)
    const outputs = operator.ints(2)
    const means = meaning(codes.at(operator.int(0, 0)), operator.table(4))
    // An optional input that is absent is −1; none of those needed here may be.
    const needed = inputs.slice(0, inputsOf[means.kind])
    const all = [...inputs, ...outputs]
    if (
      needed.length < inputsOf[means.kind] ||
      needed.includes(-1) ||
      !all.every((at) => at >= -1 && at < tensors.length)
    ) {
      throw outside()
    }
    return { inputs, outputs, ...means }
  })
  return { tensors, operators, inputs: graph.ints(1) }
}

function meaning(code: number | undefined, options: Table | null): Meaning {
  const kind =
    code === 0 ? 'add' : code === 3 ? 'convolution' : code === 4 ? 'depthwise' : code === 6 ? 'dequantize' : null
  if (kind === null) return { kind: 'other' }
  if (kind === 'dequantize') return { kind }
  if (options === null) throw damagedPackage('an operator has no settings')
  if (kind === 'add') return { kind, activation: activation(options.byte(0)) }
  // A depthwise convolution has its depth multiplier before the activation.
  const next = kind === 'depthwise' ? 4 : 3
  return {
    kind,
    padding: options.byte(0) === 0 ? 'same' : 'valid',
    strides: [options.int(2, 1), options.int(1, 1)],
    activation: activation(options.byte(next)),
    dilations: [options.int(next + 2, 1), options.int(next + 1, 1)],
  }
}

const activation = (code: number): Activation => (code === 0 ? 'none' : code === 3 ? 'relu6' : 'other')

const outside = () => damagedPackage('the network points outside of itself')

/** The place that the offset at `position` leads to. */
function follow(buffer: ByteBuffer, position: number): number {
  check(buffer, position, 4)
  return position + buffer.readUint32(position)
}

function check(buffer: ByteBuffer, position: number, length: number): void {
  if (position < 0 || position + length > buffer.capacity()) throw outside()
}

/** One table of a flatbuffer. The library reads zeros beyond the end of its bytes; here that is an error. */
class Table {
  readonly #buffer: ByteBuffer
  readonly #position: number

  constructor(buffer: ByteBuffer, position: number) {
    this.#buffer = buffer
    this.#position = position
    check(buffer, position, 4)
    const fields = position - buffer.readInt32(position)
    check(buffer, fields, 4)
    check(buffer, fields, buffer.readUint16(fields))
  }

  byte(field: number): number {
    const at = this.#at(field, 1)
    return at === null ? 0 : this.#buffer.readInt8(at)
  }

  int(field: number, absent: number): number {
    const at = this.#at(field, 4)
    return at === null ? absent : this.#buffer.readInt32(at)
  }

  table(field: number): Table | null {
    const at = this.#at(field, 4)
    return at === null ? null : new Table(this.#buffer, follow(this.#buffer, at))
  }

  tables(field: number): Table[] {
    return this.#elements(field, 4, (at) => new Table(this.#buffer, follow(this.#buffer, at)))
  }

  ints(field: number): number[] {
    return this.#elements(field, 4, (at) => this.#buffer.readInt32(at))
  }

  bytes(field: number): Uint8Array {
    const { start, length } = this.#vector(field, 1)
    return this.#buffer.bytes().subarray(start, start + length)
  }

  #elements<T>(field: number, size: number, read: (at: number) => T): T[] {
    const { start, length } = this.#vector(field, size)
    return Array.from({ length }, (_, index) => read(start + index * size))
  }

  #vector(field: number, size: number): { start: number; length: number } {
    const at = this.#at(field, 4)
    if (at === null) return { start: 0, length: 0 }
    const vector = follow(this.#buffer, at)
    check(this.#buffer, vector, 4)
    const length = this.#buffer.readUint32(vector)
    check(this.#buffer, vector + 4, length * size)
    return { start: vector + 4, length }
  }

  #at(field: number, size: number): number | null {
    const offset = this.#buffer.__offset(this.#position, 4 + 2 * field)
    if (offset === 0) return null
    check(this.#buffer, this.#position + offset, size)
    return this.#position + offset
  }
}
