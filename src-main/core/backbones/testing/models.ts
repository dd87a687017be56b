import { writeFile } from 'node:fs/promises'
import type { BackboneRecipe } from '../../../contract/index.ts'

/** Just enough of protobuf to write small networks, and broken ones: the format is checked by others than its reader. */

export function field(number: number, content: number | string | Uint8Array): Buffer {
  if (typeof content === 'number') return Buffer.concat([varint(number * 8), varint(content)])
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes])
}

export function varint(value: number): Buffer {
  const bytes: number[] = []
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128)
  return Buffer.from([...bytes, value])
}

type Shape = readonly (number | string)[]
const types = { float32: 1, uint8: 2, int64: 7, float16: 10 } as const
type Type = keyof typeof types

const valueInfo = (name: string, type: Type, shape: Shape): Buffer => {
  const dimensions = shape.map((size) => field(1, typeof size === 'number' ? field(1, size) : field(2, size)))
  const tensor = Buffer.concat([field(1, types[type]), field(2, Buffer.concat(dimensions))])
  return Buffer.concat([field(1, name), field(2, field(1, tensor))])
}

export interface NodeToWrite {
  readonly operation: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  /** Whole AttributeProtos. */
  readonly attributes?: readonly Uint8Array[]
}

export interface ModelToWrite {
  readonly inputs: readonly (readonly [name: string, type: Type, shape: Shape])[]
  readonly outputs: readonly (readonly [name: string, type: Type, shape: Shape])[]
  readonly nodes: readonly NodeToWrite[]
  readonly weights?: readonly (readonly [name: string, shape: readonly number[], values: readonly number[]])[]
  readonly told?: readonly (readonly [name: string, type: Type, shape: Shape])[]
  readonly producer?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** More of the graph, as bytes. */
  readonly more?: Uint8Array
}

/** An attribute that is a number. */
export const integerAttribute = (name: string, value: number): Buffer =>
  Buffer.concat([field(1, name), field(3, value), field(20, 2)])

export const floatWeight = (name: string, shape: readonly number[], values: readonly number[]): Buffer =>
  Buffer.concat([
    ...shape.map((size) => field(1, size)),
    ...[field(2, 1), field(8, name), field(9, new Uint8Array(Float32Array.from(values).buffer))],
  ])

export function onnxBytes(model: ModelToWrite): Buffer {
  const graph = Buffer.concat([
    ...model.nodes.map(({ operation, inputs, outputs, attributes = [] }) =>
      field(
        1,
        Buffer.concat([
          ...inputs.map((name) => field(1, name)),
          ...outputs.map((name) => field(2, name)),
          ...[field(4, operation), ...attributes.map((attribute) => field(5, attribute))],
        ]),
      ),
    ),
    field(2, 'g'),
    ...(model.weights ?? []).map((weight) => field(5, floatWeight(...weight))),
    ...model.inputs.map((input) => field(11, valueInfo(...input))),
    ...model.outputs.map((output) => field(12, valueInfo(...output))),
    ...(model.told ?? []).map((tensor) => field(13, valueInfo(...tensor))),
    model.more ?? new Uint8Array(),
  ])
  return Buffer.concat([
    ...[field(1, 8), field(2, model.producer ?? 'a test'), field(7, graph)],
    field(8, Buffer.concat([field(1, ''), field(2, 13)])),
    ...Object.entries(model.metadata ?? {}).map(([key, value]) =>
      field(14, Buffer.concat([field(1, key), field(2, value)])),
    ),
  ])
}

/** Averages of the three channels; the input has any number of images. `doubled` is a map inside. */
export const averages: ModelToWrite = {
  inputs: [['image', 'float32', ['N', 3, 4, 4]]],
  outputs: [['features', 'float32', ['N', 3]]],
  nodes: [
    { operation: 'Add', inputs: ['image', 'image'], outputs: ['doubled'] },
    { operation: 'GlobalAveragePool', inputs: ['image'], outputs: ['pooled'] },
    { operation: 'Flatten', inputs: ['pooled'], outputs: ['features'] },
  ],
}

export const averagesRecipe: BackboneRecipe = {
  ...{ input: 'image', inputType: 'float32', layout: 'NCHW', channels: 'RGB', inputSize: [4, 4], shorterSide: null },
  ...{ fit: 'cover', scale: 1, offset: 0, mean: [0, 0, 0], std: [1, 1, 1], batch: null },
  ...{ output: 'features', pooling: 'none', dimension: 3 },
}

export async function writeModel(path: string, model: ModelToWrite | Uint8Array): Promise<string> {
  await writeFile(path, model instanceof Uint8Array ? model : onnxBytes(model))
  return path
}
