import {
  encodeModel,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from '../../compute/onnx/schema.ts'
import { damagedPackage } from './failures.ts'
import type { Network, Operator } from './tflite.ts'

export interface Wanted {
  /** Height and width of the input, pixels. */
  readonly size: number
  /** Names of the feature maps, none of them negative, that are put side by side. */
  readonly maps: readonly string[]
}

export const inputName = 'image'
/** Another name with every change of what is put out, so that a kept network of before is made again. */
export const outputName = 'features'

/** ONNX's numbers for element types. */
const elementTypes = { float32: 1, int64: 7, float16: 10 } as const

/** A tensor that depends on the picture: N × channels × height × width. */
interface FeatureMap {
  readonly name: string
  readonly channels: number
  readonly height: number
  readonly width: number
}

/** A network's name of a tensor ends where a list of what was fused into it begins. */
const shortName = (name: string): string => name.split(';')[0]

const integer = (name: string, i: number): AttributeProto => ({ name, i, type: 2 })
const integers = (name: string, ints: readonly number[]): AttributeProto => ({ name, ints, type: 7 })

/**
 * The part of a TensorFlow Lite network that makes `maps`, as the bytes of an .onnx file: channels come before rows and
 * columns, SAME padding becomes the numbers that it stands for at this input size, weights stay the float16 that they are.
 * Of each map it puts out the root of every channel's share in its mean over the picture: so no map outweighs another,
 * and a few loud channels do not drown the rest.
 */
export function convert(network: Network, { size, maps }: Wanted): { model: Uint8Array; dimension: number } {
  const nodes: NodeProto[] = []
  const initializers: TensorProto[] = []
  const made = new Map<number, FeatureMap>()
  const makers = new Map<number, Operator>()
  for (const operator of network.operators) {
    // Operators stand in the order in which they run: so none can need, by whatever way, what it makes itself.
    if (operator.inputs.some((at) => at >= 0 && !makers.has(at) && !isGiven(network, at))) {
      throw damagedPackage('the network needs something before it is made')
    }
    for (const output of operator.outputs) {
      if (makers.has(output)) throw damagedPackage('the network makes something twice')
      makers.set(output, operator)
    }
  }

  const emit = (opType: string, input: string[], output: string, attribute: AttributeProto[] = []): string => {
    nodes.push({ opType, input, output: [output], name: `make ${output}`, attribute })
    return output
  }

  /** A weight, its axes in the order `axes`. */
  const weight = (index: number, name: string, axes: readonly number[]): { name: string; shape: readonly number[] } => {
    const maker = makers.get(index)
    const { shape, type, data } = network.tensors[maker?.kind === 'dequantize' ? maker.inputs[0] : index]
    if (type === 'other' || shape.length !== axes.length) throw damagedPackage(`“${name}” has no weights to convert`)
    const values = transpose(data, type === 'float16' ? 2 : 4, shape, axes)
    const dims = axes.map((axis) => shape[axis])
    const stored = type === 'float16' ? `${name}, float16` : name
    initializers.push({ name: stored, dims, dataType: elementTypes[type], rawData: values })
    if (type === 'float16') emit('Cast', [stored], name, [integer('to', elementTypes.float32)])
    return { name, shape: dims }
  }

  const clipped = (name: string, activation: 'none' | 'relu6' | 'other', make: (output: string) => void): void => {
    if (activation === 'other') throw damagedPackage(`“${name}” has an activation that is not understood`)
    if (activation === 'none') {
      make(name)
      return
    }
    const before = `${name}, before its activation`
    make(before)
    emit('Clip', [before, 'zero', 'six'], name)
  }

  const feature = (index: number): FeatureMap => {
    const known = made.get(index)
    if (known !== undefined) return known
    const map = lower(index)
    made.set(index, map)
    return map
  }

  const lower = (index: number): FeatureMap => {
    const operator = makers.get(index)
    const name = shortName(network.tensors[index].name)
    switch (operator?.kind) {
      case 'add': {
        const [left, right] = [feature(operator.inputs[0]), feature(operator.inputs[1])]
        clipped(name, operator.activation, (output) => emit('Add', [left.name, right.name], output))
        return { ...left, name }
      }
      case 'convolution':
      case 'depthwise': {
        const [from, kernel, bias] = operator.inputs as [number, number, number]
        const input = feature(from)
        const depthwise = operator.kind === 'depthwise'
        // Out × rows × columns × in, or for a depthwise one 1 × rows × columns × channels; ONNX has out × in × rows × columns.
        const weights = weight(kernel, `weights of ${name}`, depthwise ? [3, 0, 1, 2] : [0, 3, 1, 2])
        const [channels, perGroup, ...kernelSize] = weights.shape as [number, number, number, number]
        const groups = depthwise ? input.channels : 1
        if (groups * perGroup !== input.channels) throw damagedPackage(`the weights of “${name}” do not fit its input`)
        const biases = weight(bias, `bias of ${name}`, [0])
        const rows = slide(input.height, kernelSize[0], operator.strides[0], operator.dilations[0], operator.padding)
        const columns = slide(input.width, kernelSize[1], operator.strides[1], operator.dilations[1], operator.padding)
        clipped(name, operator.activation, (output) =>
          emit('Conv', [input.name, weights.name, biases.name], output, [
            integer('group', groups),
            integers('kernel_shape', kernelSize),
            integers('strides', operator.strides),
            integers('dilations', operator.dilations),
            integers('pads', [rows.before, columns.before, rows.after, columns.after]),
          ]),
        )
        return { name, channels, height: rows.size, width: columns.size }
      }
      default:
        throw damagedPackage(`“${name}” is made in a way that is not understood`)
    }
  }

  const input = network.inputs.at(0)
  if (input === undefined) throw damagedPackage('the network has no input')
  made.set(input, { name: inputName, channels: 3, height: size, width: size })
  const parts = maps.map((wanted) => {
    const index = network.tensors.findIndex((tensor, at) => makers.has(at) && shortName(tensor.name) === wanted)
    if (index === -1) throw damagedPackage(`the network has no tensor “${wanted}”`)
    const map = feature(index)
    const mean = emit('GlobalAveragePool', [map.name], `mean of ${wanted}`)
    const flat = emit('Flatten', [mean], `flat mean of ${wanted}`, [integer('axis', 1)])
    const sum = emit('ReduceSum', [flat, 'channels'], `sum of ${wanted}`)
    const share = emit('Div', [flat, emit('Add', [sum, 'little'], `divisor of ${wanted}`)], `share of ${wanted}`)
    return { name: emit('Sqrt', [share], `root of ${wanted}`), length: map.channels }
  })
  emit(
    'Concat',
    parts.map(({ name }) => name),
    outputName,
    [integer('axis', 1)],
  )
  initializers.push(
    scalar('zero', 0),
    scalar('six', 6),
    // A picture on which every channel stays silent has shares of nothing rather than of no number.
    scalar('little', 1e-6),
    { name: 'channels', dims: [1], dataType: elementTypes.int64, rawData: new Uint8Array(BigInt64Array.of(1n).buffer) },
  )

  const dimension = parts.reduce((total, { length }) => total + length, 0)
  const model = encodeModel({
    name: 'basic',
    node: nodes,
    initializer: initializers,
    input: [valueInfo(inputName, [3, size, size])],
    output: [valueInfo(outputName, [dimension])],
  })
  return { model, dimension }
}

const isGiven = (network: Network, index: number): boolean =>
  network.inputs.includes(index) || network.tensors[index].data.byteLength > 0

/** Where a kernel goes along one axis. SAME is TensorFlow's: as many places as strides fit, an odd pixel at the end. */
function slide(input: number, kernel: number, stride: number, dilation: number, padding: 'same' | 'valid') {
  const reach = (kernel - 1) * dilation + 1
  if (padding === 'valid') return { size: Math.floor((input - reach) / stride) + 1, before: 0, after: 0 }
  const size = Math.ceil(input / stride)
  const missing = Math.max(0, (size - 1) * stride + reach - input)
  const before = Math.floor(missing / 2)
  return { size, before, after: missing - before }
}

/** The elements of `data`, of `width` bytes each, with the axes of their shape in another order. */
function transpose(data: Uint8Array, width: 2 | 4, shape: readonly number[], axes: readonly number[]): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1)
  if (data.byteLength !== count * width) throw damagedPackage('a weight has not as many values as its shape says')
  // A copy, so that it begins at a whole element.
  const { buffer } = new Uint8Array(data)
  const from = width === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer)
  const to = width === 2 ? new Uint16Array(count) : new Uint32Array(count)
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1))
  const sizes = axes.map((axis) => shape[axis])
  const steps = axes.map((axis) => strides[axis])
  const place = sizes.map(() => 0)
  let source = 0
  for (let at = 0; at < count; at++) {
    to[at] = from[source]!
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      source += steps[axis]
      if (++place[axis] < sizes[axis]) break
      source -= steps[axis] * sizes[axis]
      place[axis] = 0
    }
  }
  return new Uint8Array(to.buffer)
}

function scalar(name: string, value: number): TensorProto {
  const rawData = new Uint8Array(Float32Array.of(value).buffer)
  return { name, dims: [], dataType: elementTypes.float32, rawData }
}

function valueInfo(name: string, sizes: readonly number[]): ValueInfoProto {
  const dim = [{ dimParam: 'batch' }, ...sizes.map((dimValue) => ({ dimValue }))]
  return { name, type: { tensorType: { elemType: elementTypes.float32, shape: { dim } } } }
}
