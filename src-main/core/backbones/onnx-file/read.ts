import type { BackboneTensor } from '../../../contract/index.ts'
import { externalData, notOnnx, tooComplex } from '../errors.ts'
import { openProtoFile, type Field, type ProtoFile, type Span } from './proto-file.ts'

export type Shape = BackboneTensor['shape']

export interface TensorInfo {
  readonly name: string
  /** e.g. `float32`; `other` for what is no tensor. */
  readonly type: string
  readonly shape: Shape
}

export interface NodeInfo {
  readonly operation: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}

/** What an .onnx file says of its network, but for the weights. */
export interface OnnxFile {
  /** Bytes. */
  readonly size: number
  readonly producer: string
  readonly graphName: string
  /** Version of ONNX's own operator set. */
  readonly opset: number | null
  readonly metadata: ReadonlyMap<string, string>
  /** Those that must be fed: an input that has an initial value need not. */
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  /** In the order of their work. */
  readonly nodes: readonly NodeInfo[]
  /** Inner tensors whose type and shape the file tells. */
  readonly told: ReadonlyMap<string, TensorInfo>
  /** Shapes of the weights. */
  readonly weights: ReadonlyMap<string, readonly number[]>
}

// The part of onnx.proto3 (ONNX, Apache-2.0) that is read; the numbers are the format's.
const elementTypes = [
  ...['other', 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16'],
  ...['float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16'],
]
/** Where tensors can hide: in which fields of which message. */
const within = {
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node', 11: 'attribute' },
  training: { 1: 'graph', 2: 'graph' },
  tensor: {},
} as const satisfies Record<string, Record<number, string>>
type Kind = keyof typeof within
/** A graph in an attribute of a node in a graph …: no network is so deep, and a stack has an end. */
const deepest = 32

/**
 * Looks at an .onnx file in bounded memory: weights are stepped over, so that one of 1 GB is as quick as a small one.
 * @throws AppError `backbone/not-onnx`, `/truncated`, `/external-data`, `/too-complex`.
 */
export async function readOnnxFile(path: string): Promise<OnnxFile> {
  const file = await openProtoFile(path)
  try {
    return await readModel(file)
  } finally {
    await file.close()
  }
}

type Model = { -readonly [Key in keyof OnnxFile]: OnnxFile[Key] } & {
  readonly metadata: Map<string, string>
  readonly inputs: TensorInfo[]
  readonly outputs: TensorInfo[]
  readonly nodes: NodeInfo[]
  readonly told: Map<string, TensorInfo>
  readonly weights: Map<string, readonly number[]>
}

async function readModel(file: ProtoFile): Promise<OnnxFile> {
  const model: Model = {
    ...{ size: file.size, producer: '', graphName: '', opset: null },
    ...{ metadata: new Map(), inputs: [], outputs: [], nodes: [], told: new Map(), weights: new Map() },
  }
  let version = 0
  try {
    for await (const { number, value, span } of file.fields({ from: 0, to: file.size })) {
      // Text or a picture is now and then well-formed for a while: the first field tells them from a network.
      if (version === 0 && (number !== 1 || span !== null || value === 0)) throw notOnnx()
      if (number === 1) version = value
      if (span === null) continue
      if (number === 2) model.producer = await file.text(span)
      else if (number === 7) await readGraph(file, span, model)
      else if (number === 8) model.opset = (await readOpset(file, span)) ?? model.opset
      else if (number === 14) model.metadata.set(...(await readEntry(file, span)))
      else if (number === 20) await refuseExternal(file, span, 'training')
      else if (number === 25) await refuseExternal(file, span, 'function')
    }
  } catch (thrown) {
    throw version === 0 ? notOnnx(thrown) : thrown
  }
  if (model.nodes.length === 0) throw notOnnx()
  return { ...model, inputs: model.inputs.filter(({ name }) => !model.weights.has(name)) }
}

async function readGraph(file: ProtoFile, graph: Span, model: Model): Promise<void> {
  for await (const { number, span } of file.fields(graph)) {
    if (span === null) continue
    if (number === 1) model.nodes.push(await readNode(file, span))
    else if (number === 2) model.graphName = await file.text(span)
    else if (number === 5) model.weights.set(...(await readWeight(file, span)))
    else if (number === 11) model.inputs.push(await readValueInfo(file, span))
    else if (number === 12) model.outputs.push(await readValueInfo(file, span))
    else if (number === 13) {
      const info = await readValueInfo(file, span)
      model.told.set(info.name, info)
    } else if (number === 15) await refuseExternal(file, span, 'sparse')
  }
}

async function readNode(file: ProtoFile, node: Span): Promise<NodeInfo> {
  const inputs: string[] = []
  const outputs: string[] = []
  let operation = ''
  for await (const { number, span } of file.fields(node)) {
    if (span === null) continue
    if (number === 1) inputs.push(await file.text(span))
    else if (number === 2) outputs.push(await file.text(span))
    else if (number === 4) operation = await file.text(span)
    else if (number === 5) await refuseExternal(file, span, 'attribute')
  }
  return { operation, inputs, outputs }
}

async function readWeight(file: ProtoFile, tensor: Span): Promise<[name: string, shape: readonly number[]]> {
  let name = ''
  const shape: number[] = []
  for await (const field of file.fields(tensor)) {
    if (field.number === 8 && field.span !== null) name = await file.text(field.span)
    else if (field.number === 1) shape.push(...(await integers(file, field)))
    else await refuseLocation(file, field)
  }
  return [name, shape]
}

/** One number, or (packed) several. */
async function integers(file: ProtoFile, { value, span }: Field): Promise<number[]> {
  if (span === null) return [value]
  if (span.to - span.from > 128) throw notOnnx() // no tensor has so many dimensions
  return file.varints(span)
}

async function readValueInfo(file: ProtoFile, info: Span): Promise<TensorInfo> {
  let name = ''
  let type = 'other'
  let shape: Shape = null
  for await (const { number, span } of file.fields(info)) {
    if (span === null) continue
    if (number === 1) name = await file.text(span)
    else if (number === 2) {
      for await (const kind of file.fields(span)) {
        if (kind.number !== 1 || kind.span === null) continue
        for await (const part of file.fields(kind.span)) {
          if (part.number === 1) type = elementTypes[part.value] ?? 'other'
          else if (part.number === 2 && part.span !== null) shape = await readShape(file, part.span)
        }
      }
    }
  }
  return { name, type, shape }
}

async function readShape(file: ProtoFile, span: Span): Promise<(number | string)[]> {
  const shape: (number | string)[] = []
  for await (const { number, span: dimension } of file.fields(span)) {
    if (number !== 1 || dimension === null) continue
    let size: number | string = '?'
    for await (const part of file.fields(dimension)) {
      if (part.number === 1) size = part.value > 0 && part.value < 2 ** 31 ? part.value : '?'
      else if (part.number === 2 && part.span !== null) size = (await file.text(part.span)) || '?'
    }
    shape.push(size)
  }
  return shape
}

async function readOpset(file: ProtoFile, span: Span): Promise<number | null> {
  let domain = ''
  let version: number | null = null
  for await (const field of file.fields(span)) {
    if (field.number === 1 && field.span !== null) domain = await file.text(field.span)
    else if (field.number === 2) version = field.value
  }
  return domain === '' || domain === 'ai.onnx' ? version : null
}

/** Long values (a licence's whole text) are left out. */
async function readEntry(file: ProtoFile, entry: Span): Promise<[key: string, value: string]> {
  let key = ''
  let value = ''
  for await (const { number, span } of file.fields(entry)) {
    if (span === null || span.to - span.from > 2000) continue
    if (number === 1) key = await file.text(span)
    else if (number === 2) value = await file.text(span)
  }
  return [key, value]
}

/** Looks through everything in which a tensor can hide. */
async function refuseExternal(file: ProtoFile, span: Span, kind: Kind, depth = 0): Promise<void> {
  if (depth > deepest) throw tooComplex()
  const inner: Readonly<Record<number, Kind | undefined>> = within[kind]
  for await (const field of file.fields(span)) {
    if (kind === 'tensor') await refuseLocation(file, field)
    const next = inner[field.number]
    if (next !== undefined && field.span !== null) await refuseExternal(file, field.span, next, depth + 1)
  }
}

/**
 * A weight that lies in another file is refused, wherever that is: `..`, an absolute path and a link are only the worst.
 * Any trace of one counts, so that nothing depends on how onnxruntime reads what is oddly written.
 */
async function refuseLocation(file: ProtoFile, { number, value, span }: Field): Promise<void> {
  if (number === 14 && (span !== null || value !== 0)) throw externalData('?')
  if (number !== 13) return
  const [key, location] = span === null ? ['', ''] : await readEntry(file, span)
  throw externalData(key === 'location' ? location : '?')
}
