import type { BackboneRecipe, BackboneTensor } from '../../contract/index.ts'
import { noImageInput, noOutput } from './errors.ts'
import type { NodeInfo, OnnxFile, TensorInfo } from './onnx-file/index.ts'

export interface Suggestion {
  readonly inputs: BackboneTensor[]
  readonly outputs: BackboneTensor[]
  /** Nearest to the end first. */
  readonly inner: BackboneTensor[]
  readonly recipe: BackboneRecipe
  /** Fields of the recipe that the file does not tell. */
  readonly guessed: string[]
}

const mostInner = 300
const usualSize = 224
const inputTypes: ReadonlySet<string> = new Set(['float32', 'float16', 'uint8'])
const outputTypes: ReadonlySet<string> = new Set(['float32', 'float16'])

/**
 * How a network is probably meant to be used. @param name of the file: people write into it what the format has no place for.
 * @throws AppError `backbone/no-image-input`, `backbone/no-output`.
 */
export function suggest(file: OnnxFile, name: string): Suggestion {
  const input = imageInput(file)
  if (file.outputs.length === 0) throw noOutput()
  const guessed: string[] = []
  /** The value, and that it is none of the file's. */
  const guess = <T>(field: keyof BackboneRecipe, value: T): T => {
    guessed.push(field)
    return value
  }

  const shape = input.shape ?? ['?', '?', '?', '?']
  const last = shape[3] === 3 && shape[1] !== 3
  const layout = last ? 'NHWC' : shape[1] === 3 ? 'NCHW' : guess('layout', 'NCHW')
  const [height, width] = last ? shape.slice(1, 3) : shape.slice(2, 4)
  const inputSize: [number, number] =
    isSize(height) && isSize(width) ? [height, width] : guess('inputSize', [usualSize, usualSize])
  const batch = typeof shape[0] === 'number' && shape[0] <= 1024 ? shape[0] : null

  const output = suggestOutput(file)
  if (!output.certain) guessed.push('output', 'pooling')
  const dimension = output.dimension ?? guess('dimension', 1)
  const values = valuesFor(file, input, name)
  guessed.push(...values.guessed, 'fit', 'shorterSide')
  return {
    inputs: file.inputs.map((tensor) => ({ ...tensor, operation: null })),
    ...tensorsOf(file),
    recipe: {
      ...{ input: input.name, inputType: input.type as BackboneRecipe['inputType'], layout, inputSize, batch },
      ...{ ...values.recipe, fit: 'cover', shorterSide: null },
      ...{ output: output.name, pooling: output.pooling, dimension },
    },
    guessed,
  }
}

const isSize = (size: string | number | undefined): size is number => typeof size === 'number' && size <= 4096

function imageInput({ inputs }: OnnxFile): TensorInfo {
  const fits = ({ type, shape }: TensorInfo): boolean =>
    inputTypes.has(type) &&
    (shape === null ||
      (shape.length === 4 &&
        (shape[1] === 3 || shape[3] === 3 || (typeof shape[1] === 'string' && typeof shape[3] === 'string'))))
  const input = inputs.find(fits)
  if (input === undefined) {
    const shown = inputs
      .slice(0, 3)
      .map(({ name, type, shape }) => `“${name}” is ${type} ${(shape ?? ['?']).join(' × ')}`)
    throw noImageInput(shown.length === 0 ? 'it has no input' : shown.join(', '))
  }
  if (inputs.length > 1) throw noImageInput(`besides a picture it needs ${inputs.length - 1} other input(s)`)
  return input
}

/** What could be read, and what makes it. */
function tensorsOf(file: OnnxFile): Pick<Suggestion, 'outputs' | 'inner'> {
  const operations = new Map(file.nodes.flatMap(({ operation, outputs }) => outputs.map((name) => [name, operation])))
  const outer = new Set(file.outputs.map(({ name }) => name))
  const inner: BackboneTensor[] = []
  for (let at = file.nodes.length - 1; at >= 0 && inner.length < mostInner; at--) {
    const { operation, outputs } = file.nodes[at]
    // Sizes and constants are no features; a second output is a mask or a statistic.
    if (/^(?:Constant|ConstantOfShape|Shape|Size|Range)$/.test(operation)) continue
    const name = outputs.find((output) => output !== '')
    if (name === undefined || outer.has(name)) continue
    const told = file.told.get(name)
    if (told !== undefined && !outputTypes.has(told.type)) continue
    inner.push({ name, type: told?.type ?? 'unknown', shape: told?.shape ?? null, operation })
  }
  return {
    outputs: file.outputs.map((tensor) => ({ ...tensor, operation: operations.get(tensor.name) ?? null })),
    inner,
  }
}

interface OutputSuggestion {
  readonly name: string
  readonly pooling: BackboneRecipe['pooling']
  readonly dimension: number | null
  readonly certain: boolean
}

/** Operations that leave the numbers, or their order, as they were. */
const passing = /^(?:Softmax|LogSoftmax|Sigmoid|Relu|GlobalAveragePool|Reshape|Flatten|Squeeze|Identity|Cast|Dropout)$/
const forwarding = /^(?:Identity|Cast|Dropout)$/
const weightChanges = /^(?:Identity|Cast|Transpose|DequantizeLinear)$/
/** ImageNet's, with and without a class for the background. */
const classifierSizes: ReadonlySet<number> = new Set([1000, 1001])

/** The last tensor before a classifier, where the network ends with one; else what it gives out. */
function suggestOutput(file: OnnxFile): OutputSuggestion {
  const madeBy = new Map(file.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const before = classifierInput(file, file.outputs[0].name, madeBy)
  if (before !== null) {
    const { name, isMap, dimension } = before
    return { name, pooling: isMap ? 'average' : 'none', dimension, certain: false }
  }
  const named = file.outputs.find(({ name }) => /embed|feature|pool/i.test(name)) ?? file.outputs[0]
  const { name, shape } = named
  const pooling = shape?.length === 4 ? 'average' : shape?.length === 3 ? 'cls' : 'none'
  const size = shape?.[shape.length === 4 ? 1 : shape.length - 1]
  return {
    name,
    pooling,
    dimension: typeof size === 'number' && size <= 65_536 ? size : null,
    certain: shape?.length === 2 && file.outputs.length === 1,
  }
}

function classifierInput(
  { weights, nodes }: OnnxFile,
  output: string,
  madeBy: ReadonlyMap<string, NodeInfo>,
): { name: string; isMap: boolean; dimension: number | null } | null {
  /** Walks back; a graph that names itself ends, too. */
  const origin = (name: string, through: RegExp): string => {
    for (let steps = 0, at = name; steps < nodes.length; steps++) {
      const node = madeBy.get(at)
      if (node === undefined || !through.test(node.operation) || node.inputs.length === 0) return at
      at = node.inputs[0]
    }
    return name
  }
  // A bias is added after a MatMul.
  const last = madeBy.get(origin(output, passing))
  const candidates = last?.operation === 'Add' ? last.inputs.map((input) => madeBy.get(origin(input, passing))) : [last]
  for (const node of candidates) {
    if (node === undefined || !/^(?:Gemm|MatMul|Conv)$/.test(node.operation) || node.inputs.length < 2) continue
    const shape = weights.get(origin(node.inputs[1], weightChanges)) ?? []
    const isMap = node.operation === 'Conv'
    const classes = isMap ? shape.slice(0, 1) : shape
    if (!classes.some((size) => classifierSizes.has(size))) continue
    const width = isMap ? shape[1] : shape.find((size) => !classifierSizes.has(size))
    return { name: origin(node.inputs[0], forwarding), isMap, dimension: width ?? null }
  }
  return null
}

type Values = Pick<BackboneRecipe, 'channels' | 'scale' | 'offset' | 'mean' | 'std'>

const zero: Values['mean'] = [0, 0, 0]
const one: Values['std'] = [1, 1, 1]
const plain: Values = { channels: 'RGB', scale: 1, offset: 0, mean: zero, std: one }
const unit: Values = { ...plain, scale: 1 / 255 }
const symmetric: Values = { ...plain, scale: 1 / 127.5, offset: -1 }
/** What torchvision, timm and the vision transformers of Meta were trained with. */
const imagenet: Values = { ...unit, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }
const clip: Values = {
  ...unit,
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
}
/** Caffe's mean picture, rounded; B, G, R. */
const caffe: Values = { ...plain, channels: 'BGR', mean: [104, 117, 123] }

/** Windows' names for what a picture must look like (ONNX's MetadataProps.md). */
const ranges: Readonly<Record<string, Values | undefined>> = {
  nominalrange_0_255: plain,
  normalized_0_1: unit,
  normalized_1_1: symmetric,
}

function valuesFor(
  { producer, graphName, metadata }: OnnxFile,
  { type }: TensorInfo,
  fileName: string,
): { recipe: Values; guessed: string[] } {
  const range = ranges[metadata.get('Image.NominalPixelRange')?.toLowerCase() ?? '']
  const format = metadata.get('Image.BitmapPixelFormat')?.toLowerCase()
  const told = format === undefined ? null : format.startsWith('bgr') ? 'BGR' : format.startsWith('rgb') ? 'RGB' : null
  const known = type === 'uint8' ? plain : range
  const values = known ?? usualValues(`${fileName} ${graphName} ${[...metadata.values()].join(' ')}`, producer)
  return {
    recipe: { ...values, ...(told === null ? {} : { channels: told }) },
    guessed: [
      ...(told === null ? ['channels'] : []),
      ...(known === undefined ? ['scale', 'offset', 'mean', 'std'] : []),
    ],
  }
}

function usualValues(words: string, producer: string): Values {
  if (/clip/i.test(words)) return clip
  if (/caffe/i.test(producer)) return caffe
  if (/pytorch/i.test(producer) || /torchvision|timm|dino|resnet|convnext|densenet/i.test(words)) return imagenet
  if (/tf2onnx|keras|tflite/i.test(producer) || /mobilenet|inception|xception|nasnet|siglip|tflite/i.test(words)) {
    return symmetric
  }
  return imagenet
}
