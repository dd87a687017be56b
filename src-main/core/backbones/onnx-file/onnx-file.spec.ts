import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { temporaryFolder } from '../../datasets/testing/folders.ts'
import { averages, field, floatWeight, onnxBytes, varint, writeModel, type ModelToWrite } from '../testing/models.ts'
import { readOnnxFile } from './index.ts'

async function read(model: ModelToWrite | Uint8Array) {
  await using folder = await temporaryFolder()
  return await readOnnxFile(await writeModel(join(folder.path, 'model.onnx'), model))
}

const entry = (key: string, value: string): Buffer => Buffer.concat([field(1, key), field(2, value)])
const outside = (location: string): Buffer =>
  Buffer.concat([field(8, 'w'), field(13, entry('location', location)), field(14, 1)])

describe('an .onnx file', () => {
  it('tells its inputs, outputs, nodes, weights and what was written beside them', async () => {
    const file = await read({
      ...averages,
      weights: [['w', [1000, 3], Array.from({ length: 3000 }, () => 0)]],
      inputs: [...averages.inputs, ['w', 'float32', [1000, 3]]],
      told: [['pooled', 'float16', ['N', 3, 1, 1]]],
      producer: 'pytorch',
      metadata: { license: 'MIT' },
    })
    expect(file).toMatchObject({
      producer: 'pytorch',
      graphName: 'g',
      opset: 13,
      // A weight that is also an input need not be fed.
      inputs: [{ name: 'image', type: 'float32', shape: ['N', 3, 4, 4] }],
      outputs: [{ name: 'features', type: 'float32', shape: ['N', 3] }],
    })
    expect(file.nodes.map(({ operation }) => operation)).toEqual(['Add', 'GlobalAveragePool', 'Flatten'])
    expect(file.told.get('pooled')).toEqual({ name: 'pooled', type: 'float16', shape: ['N', 3, 1, 1] })
    expect(file.weights.get('w')).toEqual([1000, 3])
    expect(file.metadata.get('license')).toBe('MIT')
  })

  it('of 1 GB is looked at without loading it', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'large.onnx')
    const small = onnxBytes(averages)
    // A graph with a weight of 2^30 bytes, which are a hole in the file.
    const weight = 2 ** 30
    const front = Buffer.concat([field(1, 5), field(8, 'hole'), varint(9 * 8 + 2), varint(weight)])
    const tensor = Buffer.concat([varint(5 * 8 + 2), varint(front.length + weight), front])
    const graph = Buffer.concat([varint(7 * 8 + 2), varint(tensor.length + weight), tensor])
    const file = await open(path, 'w')
    await file.write(Buffer.concat([small, graph]))
    await file.truncate(small.length + graph.length + weight)
    await file.close()
    const before = process.memoryUsage().rss
    const { weights, size } = await readOnnxFile(path)
    expect(size).toBeGreaterThan(weight)
    expect(weights.has('hole')).toBe(true)
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20)
  })

  it.each([
    ['in the folder above', '../../secret'],
    ['at an absolute path', '/etc/passwd'],
    ['beside it', 'weights.bin'],
  ])('with weights %s is refused', async (_, location) => {
    await expect(read({ ...averages, more: field(5, outside(location)) })).rejects.toMatchObject({
      code: 'backbone/external-data',
      details: { location },
    })
  })

  it('with weights elsewhere that hide in a constant, a branch or a function is refused', async () => {
    const attribute = field(5, Buffer.concat([field(1, 'value'), field(5, outside('../x'))]))
    const constant = Buffer.concat([field(2, 'c'), field(4, 'Constant'), attribute])
    const branch = Buffer.concat([field(1, 'then'), field(6, field(5, outside('../x')))])
    const condition = Buffer.concat([field(2, 'c'), field(4, 'If'), field(5, branch)])
    for (const more of [field(1, constant), field(1, condition), field(15, field(1, outside('../x')))]) {
      await expect(read({ ...averages, more })).rejects.toMatchObject({ code: 'backbone/external-data' })
    }
    const withFunction = Buffer.concat([onnxBytes(averages), field(25, field(7, constant))])
    await expect(read(withFunction)).rejects.toMatchObject({ code: 'backbone/external-data' })
  })

  it('that is cut anywhere is refused with a reason', async () => {
    const whole = onnxBytes({
      ...averages,
      more: field(
        5,
        floatWeight(
          'w',
          [64],
          Array.from({ length: 64 }, () => 1),
        ),
      ),
    })
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'cut.onnx')
    const codes = new Set<string>()
    for (let length = 0; length < whole.length - 6; length += 7) {
      await writeFile(path, whole.subarray(0, length))
      const outcome = await readOnnxFile(path).catch((thrown: unknown) => thrown)
      // Behind the graph only what is not needed can be missing.
      if (outcome instanceof AppError) codes.add(outcome.code)
      else expect(length).toBeGreaterThan(whole.length - 12)
    }
    expect([...codes].sort()).toEqual(['backbone/not-onnx', 'backbone/truncated'])
  })

  it.each([
    ['empty', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(5000)],
    ['a zip', Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\x08\0'), Buffer.alloc(200, 7)])],
    ['text', Buffer.from('<!DOCTYPE html><html><body>Not found</body></html>')],
    ['only a header', Buffer.concat([field(1, 8), field(2, 'pytorch')])],
  ])('that is %s is none', async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'backbone/not-onnx' })
  })

  it('of any bytes at all ends as an error of ours, or is read', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'any.onnx')
    const whole = onnxBytes(averages)
    const change = fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = Buffer.from(whole)
        for (const [at, value] of changes) bytes[at] = value
        await writeFile(path, bytes)
        const outcome = await readOnnxFile(path).catch((thrown: unknown) => thrown)
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(AppError)
      }),
      { numRuns: 150 },
    )
  })

  it('with graphs in graphs without end is refused', async () => {
    let graph = Buffer.alloc(0)
    for (let depth = 0; depth < 200; depth++) graph = Buffer.from(field(1, field(5, field(6, graph))))
    await expect(read({ ...averages, more: graph })).rejects.toMatchObject({ code: 'backbone/too-complex' })
  })
})
