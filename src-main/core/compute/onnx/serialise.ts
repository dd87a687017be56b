import { inOrder, type ElementType, type Expression, type Shape } from '../expression.ts'
import { encodeModel, type AttributeProto, type NodeProto, type TensorProto, type ValueInfoProto } from './schema.ts'

/** ONNX's numbers for element types. */
const elementTypes: Record<ElementType, number> = { float32: 1, int64: 7, bool: 9 }

function valueInfo(name: string, { shape, type }: Expression): ValueInfoProto {
  const dim = shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size }))
  return { name, type: { tensorType: { elemType: elementTypes[type], shape: { dim } } } }
}

/** ONNX reads 0 as "the input's own size here" and one −1 as "what is left". */
function reshapeTarget(from: Shape, to: Shape): number[] {
  return to.map((size, axis) => (typeof size === 'number' ? size : from[axis] === size ? 0 : -1))
}

/** Below 1 / this a positive value is no longer told from 0. */
const steepest = 1e30

const names = {
  add: 'Add',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'Div',
  greater: 'Greater',
  greaterOrEqual: 'GreaterOrEqual',
  relu: 'Relu',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  where: 'Where',
  stopGradient: 'Identity',
} as const

interface SerialiseOptions {
  /** Name of an additional output before all others that is no tensor but a sequence (see in-place-session.ts). */
  readonly leadingSequence?: string
}

/** A finished graph as the bytes of an .onnx file; `outputs` gives its outputs their names. Inputs and parameters keep theirs. */
export function serialise(
  outputs: Readonly<Record<string, Expression>>,
  { leadingSequence }: SerialiseOptions = {},
): Uint8Array {
  const nodes: NodeProto[] = []
  const initializers = new Map<string, TensorProto>()
  const inputs: ValueInfoProto[] = []
  const valueOf = new Map<Expression, string>()
  let counter = 0

  const integers = (values: readonly number[]): string => {
    const name = `i:${values.join(',')}`
    const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
    initializers.set(name, { name, dims: [values.length], dataType: elementTypes.int64, rawData })
    return name
  }
  const float = (value: number): string => {
    const name = `f:${value}`
    const rawData = new Uint8Array(Float32Array.of(value).buffer)
    initializers.set(name, { name, dims: [], dataType: elementTypes.float32, rawData })
    return name
  }
  const emit = (
    opType: string,
    operands: readonly string[],
    attributes: Record<string, number | { readonly f: number }> = {},
    count = 1,
  ): string => {
    const name = `${opType}_${counter++}`
    const output = Array.from({ length: count }, (_, at) => (at === 0 ? name : `${name}.${at}`))
    const attribute = Object.entries(attributes).map(([key, value]): AttributeProto =>
      typeof value === 'number' ? { name: key, i: value, type: 2 } : { name: key, ...value, type: 1 },
    )
    nodes.push({ input: operands, output, name, opType, attribute })
    return name
  }

  const lower = (x: Expression): string => {
    const { operation } = x
    const operands = x.inputs.map((operand) => valueOf.get(operand)!)
    switch (operation.kind) {
      case 'input':
      case 'parameter':
        inputs.push(valueInfo(operation.name, x))
        return operation.name
      case 'constant':
        return float(operation.value)
      case 'matMul':
        return operation.transposeLeft || operation.transposeRight
          ? emit('Gemm', operands, {
              transA: Number(operation.transposeLeft),
              transB: Number(operation.transposeRight),
            })
          : emit('MatMul', operands)
      case 'softmax':
        return emit('Softmax', operands, { axis: -1 })
      case 'heaviside':
        // The clipped line, as steep as float32 allows: one fast pass where a comparison and a choice take five times as long.
        return emit('HardSigmoid', operands, { alpha: { f: steepest }, beta: { f: 0 } })
      case 'toFloat':
        return emit('Cast', operands, { to: elementTypes.float32 })
      case 'sum':
        return emit('ReduceSum', [...operands, integers(operation.axes)], { keepdims: 1 })
      case 'max':
        return emit('ReduceMax', [...operands, integers(operation.axes)], { keepdims: 1 })
      case 'smallestOfTop': {
        const top = emit('TopK', operands, { axis: -1, largest: 1, sorted: 1 }, 2)
        return emit('ReduceMin', [top, integers([-1])], { keepdims: 1 })
      }
      case 'gather':
        return emit('Gather', operands, { axis: 0 })
      case 'transpose':
        return emit('Transpose', operands)
      case 'reshape':
        return emit('Reshape', [...operands, integers(reshapeTarget(x.inputs[0].shape, x.shape))])
      case 'broadcast':
        return emit('Expand', [...operands, integers(x.shape.map(Number))])
      case 'concat':
        return emit('Concat', operands, { axis: operation.axis })
      case 'slice':
        return emit('Slice', [
          ...operands,
          integers([operation.start]),
          integers([operation.end]),
          integers([operation.axis]),
        ])
      default:
        return emit(names[operation.kind], operands)
    }
  }

  for (const x of inOrder(Object.values(outputs))) valueOf.set(x, lower(x))
  const give = (opType: string, operand: string, name: string) =>
    nodes.push({ input: [operand], output: [name], name: `output ${name}`, opType, attribute: [] })
  const outputInfos = Object.entries(outputs).map(([name, x]) => {
    give('Identity', valueOf.get(x)!, name)
    return valueInfo(name, x)
  })
  if (leadingSequence !== undefined) {
    give('SequenceConstruct', float(0), leadingSequence)
    outputInfos.unshift({ name: leadingSequence })
  }
  return encodeModel({
    name: 'unseen',
    node: nodes,
    initializer: [...initializers.values()],
    input: inputs,
    output: outputInfos,
  })
}
