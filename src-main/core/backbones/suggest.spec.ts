import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../datasets/testing/folders.ts'
import { readOnnxFile } from './onnx-file/index.ts'
import { suggest } from './suggest.ts'
import { averages, writeModel, type ModelToWrite } from './testing/models.ts'

async function suggestionFor(model: ModelToWrite, name = 'network') {
  await using folder = await temporaryFolder()
  return suggest(await readOnnxFile(await writeModel(join(folder.path, 'model.onnx'), model)), name)
}

const weight = (name: string, ...shape: number[]) =>
  [name, shape, Array.from({ length: shape.reduce((a, b) => a * b) }, () => 0)] as const

/** A network that ends with a classifier of 1,000 classes. */
const classifier: ModelToWrite = {
  inputs: [['image', 'float32', ['N', 3, 4, 4]]],
  outputs: [['scores', 'float32', ['N', 1000]]],
  nodes: [
    ...averages.nodes,
    { operation: 'Gemm', inputs: ['features', 'w', 'b'], outputs: ['logits'] },
    { operation: 'Softmax', inputs: ['logits'], outputs: ['scores'] },
  ],
  weights: [weight('w', 1000, 3), weight('b', 1000)],
}

describe('how a network is probably used', () => {
  it('is told by the shape of its input', async () => {
    const { recipe, guessed } = await suggestionFor(averages)
    expect(recipe).toMatchObject({
      ...{ input: 'image', inputType: 'float32', layout: 'NCHW', inputSize: [4, 4], batch: null },
      ...{ output: 'features', pooling: 'none', dimension: 3 },
    })
    expect(guessed).toEqual(['channels', 'scale', 'offset', 'mean', 'std', 'fit', 'shorterSide'])

    const last = await suggestionFor({ ...averages, inputs: [['image', 'uint8', [8, 240, 320, 3]]] })
    expect(last.recipe).toMatchObject({ layout: 'NHWC', inputSize: [240, 320], batch: 8, inputType: 'uint8', scale: 1 })

    const silent = await suggestionFor({ ...averages, inputs: [['image', 'float16', ['N', 3, 'h', 'w']]] })
    expect(silent.recipe).toMatchObject({ inputType: 'float16', inputSize: [224, 224] })
    expect(silent.guessed).toContain('inputSize')
  })

  it('takes what stands before a classifier', async () => {
    const { recipe, guessed, inner, outputs } = await suggestionFor(classifier)
    expect(recipe).toMatchObject({ output: 'features', pooling: 'none', dimension: 3 })
    expect(guessed).toContain('output')
    expect(outputs).toEqual([{ name: 'scores', type: 'float32', shape: ['N', 1000], operation: 'Softmax' }])
    expect(inner.map(({ name, operation }) => `${operation} ${name}`)).toEqual([
      ...['Gemm logits', 'Flatten features', 'GlobalAveragePool pooled', 'Add doubled'],
    ])
  })

  it('finds a classifier that is a product and a sum, with weights that are cast first', async () => {
    const { recipe } = await suggestionFor({
      ...classifier,
      nodes: [
        ...averages.nodes,
        { operation: 'Cast', inputs: ['w'], outputs: ['w32'] },
        { operation: 'MatMul', inputs: ['features', 'w32'], outputs: ['product'] },
        { operation: 'Add', inputs: ['b', 'product'], outputs: ['scores'] },
      ],
      weights: [weight('w', 3, 1001), weight('b', 1001)],
    })
    expect(recipe).toMatchObject({ output: 'features', dimension: 3 })
  })

  it.each([
    ['clip-vit-b32-vision', '', { mean: [0.48145466, 0.4578275, 0.40821073] }],
    ['network', 'pytorch', { scale: 1 / 255, mean: [0.485, 0.456, 0.406] }],
    ['mobilenet_v2', 'tf2onnx', { scale: 1 / 127.5, offset: -1 }],
    ['network', 'onnx-caffe2', { channels: 'BGR', scale: 1, mean: [104, 117, 123] }],
  ])('has the numbers that “%s” of “%s” was trained with', async (name, producer, expected) => {
    expect((await suggestionFor({ ...averages, producer }, name)).recipe).toMatchObject(expected)
  })

  it('follows what Windows writes into the metadata', async () => {
    const metadata = { 'Image.BitmapPixelFormat': 'Bgr8', 'Image.NominalPixelRange': 'Normalized_1_1' }
    const { recipe, guessed } = await suggestionFor({ ...averages, metadata })
    expect(recipe).toMatchObject({ channels: 'BGR', scale: 1 / 127.5, offset: -1 })
    expect(guessed).toEqual(['fit', 'shorterSide'])
  })

  it.each<[string, Partial<ModelToWrite>, string]>([
    ['text', { inputs: [['ids', 'int64', ['N', 'T']]] }, 'backbone/no-image-input'],
    ['grey pictures', { inputs: [['image', 'float32', ['N', 1, 28, 28]]] }, 'backbone/no-image-input'],
    ['a picture and text', { inputs: [...averages.inputs, ['ids', 'int64', ['N', 'T']]] }, 'backbone/no-image-input'],
    ['a picture and gives nothing', { outputs: [] }, 'backbone/no-output'],
  ])('is not told of one that takes %s', async (_, change, code) => {
    await expect(suggestionFor({ ...averages, ...change })).rejects.toMatchObject({ code })
  })
})

const shared = join(import.meta.dirname, '../../../../shared/models')

describe.skipIf(!existsSync(shared))('published networks (skipped where ../shared/models is absent)', () => {
  it.each([
    ['mobilenetv2-imagenet', { scale: 1 / 127.5, offset: -1, output: 'features', pooling: 'none', dimension: 1280 }],
    [
      'squeezenet-fp16-bgr',
      {
        ...{ inputType: 'float16', batch: 1, channels: 'BGR', scale: 1, mean: [104, 117, 123] },
        ...{ output: 'fire9/concat_1', pooling: 'average', dimension: 512 },
      },
    ],
  ])('%s needs no correction', async (name, expected) => {
    const { recipe } = suggest(await readOnnxFile(join(shared, `${name}.onnx`)), name)
    expect(recipe).toMatchObject(expected)
  })
})
