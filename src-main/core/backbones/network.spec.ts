import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BackboneRecipe, DeviceName, DeviceReport } from '../../contract/index.ts'
import { temporaryFolder } from '../datasets/testing/folders.ts'
import { fromHalf, toHalf } from './half.ts'
import { openNetwork } from './network.ts'
import type { Provider } from './providers.ts'
import { providersFor } from './providers.ts'
import { averages, averagesRecipe, field, integerAttribute, writeModel, type ModelToWrite } from './testing/models.ts'
import { tryNetwork } from './try-network.ts'

/** Runs a network on two images of the values 0 … 47 and 48 … 95. */
async function run(model: ModelToWrite, change: Partial<BackboneRecipe>, providers: readonly Provider[] = ['cpu']) {
  await using folder = await temporaryFolder()
  const recipe = { ...averagesRecipe, ...change }
  const network = await openNetwork(await writeModel(join(folder.path, 'model.onnx'), model), recipe, providers)
  try {
    const values = Array.from({ length: 96 }, (_, at) => at)
    const input = recipe.inputType === 'float16' ? Uint16Array.from(values, toHalf) : Float32Array.from(values)
    const { dimension, provider, failed } = network
    return { features: [...(await network.run(input, 2))], dimension, provider, failed }
  } finally {
    await network.release()
  }
}

const flat = { operation: 'Flatten', inputs: ['raw'], outputs: ['features'] }
const sumOfImages = {
  operation: 'Flatten',
  inputs: ['pooled'],
  outputs: ['features'],
  attributes: [integerAttribute('axis', 0)],
}
const permutation = Buffer.concat([field(1, 'perm'), ...[0, 2, 1].map((axis) => field(8, axis)), field(20, 7)])
/** N×3×16 of N×3×4×4: 0 is what it was, −1 what is left. */
const shapeWeight = field(
  5,
  Buffer.concat([
    ...[field(1, 3), field(2, 7), field(8, 'shape')],
    field(9, new Uint8Array(BigInt64Array.of(0n, 3n, -1n).buffer)),
  ]),
)

const means = [7.5, 23.5, 39.5, 55.5, 71.5, 87.5]

describe('a network', () => {
  it('gives its output, a row for each image', async () => {
    expect(await run(averages, {})).toEqual({ features: means, dimension: 3, provider: 'cpu', failed: [] })
  })

  it('gives any tensor inside it, averaged over its places', async () => {
    const { features, dimension } = await run(averages, { output: 'doubled', pooling: 'average' })
    expect(dimension).toBe(3)
    expect(features).toEqual(means.map((mean) => 2 * mean))
    expect((await run(averages, { output: 'doubled', pooling: 'none' })).dimension).toBe(48)
  })

  it('gives the first of its tokens, or their average', async () => {
    const tokens: ModelToWrite = {
      ...averages,
      outputs: [['tokens', 'float32', ['N', 16, 3]]],
      nodes: [
        { operation: 'Reshape', inputs: ['image', 'shape'], outputs: ['rows'] },
        { operation: 'Transpose', inputs: ['rows'], outputs: ['tokens'], attributes: [permutation] },
      ],
      more: shapeWeight,
    }
    expect((await run(tokens, { output: 'tokens', pooling: 'cls' })).features).toEqual([0, 16, 32, 48, 64, 80])
    expect((await run(tokens, { output: 'tokens', pooling: 'average' })).features).toEqual(means)
  })

  it('works in half precision, with pictures last, and with as many images as it fixes', async () => {
    const half: ModelToWrite = {
      ...averages,
      inputs: [['image', 'float16', [2, 4, 4, 3]]],
      outputs: [['features', 'float16', [2, 4]]],
    }
    const change = { inputType: 'float16', layout: 'NHWC', batch: 2, dimension: 4 } as const
    const { features, dimension } = await run(half, change)
    expect(dimension).toBe(4)
    expect(features).toEqual([5.5, 17.5, 29.5, 41.5, 53.5, 65.5, 77.5, 89.5].map((mean) => fromHalf(toHalf(mean))))
  })

  it('runs where it can, and says what was tried before', async () => {
    const { provider, failed, features } = await run(averages, {}, ['directml', 'cpu'])
    expect(provider).toBe('cpu')
    expect(failed).toMatchObject([{ provider: 'directml' }])
    expect(features).toEqual(means)
  })

  it.each<[string, Partial<ModelToWrite>, Partial<BackboneRecipe>, string]>([
    ['an output that is not there', {}, { output: 'nothing' }, 'backbone/no-output'],
    ['tokens where there are none', {}, { pooling: 'cls' }, 'backbone/wrong-output'],
    ['places where there are none', {}, { pooling: 'average' }, 'backbone/wrong-output'],
    ['an input of another name', {}, { input: 'picture' }, 'backbone/cannot-run'],
    ['an input of another type', {}, { inputType: 'float16' }, 'backbone/cannot-run'],
    ['an input of another size', {}, { inputSize: [5, 5] }, 'backbone/cannot-run'],
    [
      'an operation that nobody knows',
      { nodes: [{ operation: 'Mystery', inputs: ['image'], outputs: ['features'] }] },
      {},
      'backbone/cannot-run',
    ],
    [
      'a row for all images together',
      { nodes: [...averages.nodes.slice(0, 2), sumOfImages], outputs: [['features', 'float32', [1, 3]]] },
      {},
      'backbone/wrong-output',
    ],
  ])('with %s is refused', async (_, model, recipe, code) => {
    await expect(run({ ...averages, ...model }, recipe)).rejects.toMatchObject({ code })
  })
})

describe('a network that is tried', () => {
  const tryOut = async (model: ModelToWrite, change: Partial<BackboneRecipe> = {}) => {
    await using folder = await temporaryFolder()
    const path = await writeModel(join(folder.path, 'model.onnx'), model)
    return await tryNetwork(path, { ...averagesRecipe, dimension: 1, ...change })
  }

  it('tells its dimension', async () => {
    expect(await tryOut(averages)).toBe(3)
    expect(await tryOut(averages, { output: 'doubled', pooling: 'average' })).toBe(3)
  })

  it('is refused where its features are not finite, or the same for every picture', async () => {
    const last = (operation: string, ...inputs: string[]): ModelToWrite => ({
      ...averages,
      nodes: [...averages.nodes.slice(0, 2), { operation, inputs, outputs: ['raw'] }, flat],
    })
    const wrong = { code: 'backbone/wrong-output' }
    await expect(tryOut(last('Log', 'pooled'), { scale: -1 })).rejects.toMatchObject(wrong)
    await expect(tryOut(last('Sub', 'pooled', 'pooled'))).rejects.toMatchObject(wrong)
  })
})

describe('the providers', () => {
  const card = {
    name: 'webgpu',
    label: '',
    available: true,
    note: null,
    next: null,
    leftOut: false,
    removable: false,
    chosen: null,
    gflops: 1,
    msPerStep: 1,
    goldenError: 0,
  } as const
  const of = (name: DeviceName, change: Partial<DeviceReport> = {}): DeviceReport => ({ ...card, name, ...change })
  it('are the best card that was trusted on this machine, and the processor', () => {
    expect(providersFor([])).toEqual(['cpu'])
    expect(providersFor([of('cpu'), of('webgpu')])).toEqual(['webgpu', 'cpu'])
    for (const own of ['cuda', 'directml', 'coreml'] as const) {
      expect(providersFor([of('webgpu'), of(own)])).toEqual([own, 'cpu'])
      // It got the known problem wrong, hung, or is not there.
      expect(providersFor([of('webgpu'), of(own, { available: false })])).toEqual(['webgpu', 'cpu'])
    }
    expect(providersFor([of('tensorflow')])).toEqual(['cpu'])
  })

  it('are no program that passes for a card', () => {
    expect(providersFor([of('webgpu', { note: 'as slowly as a software renderer' })])).toEqual(['cpu'])
  })
})
