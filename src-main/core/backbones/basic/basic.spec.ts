import fc from 'fast-check'
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError, backboneManifestSchema, backboneSchema } from '../../../contract/index.ts'
import { convert } from './convert.ts'
import { basicBackbone, ensureBasic } from './index.ts'
import { sourceNetwork } from './source.ts'
import { readTflite } from './tflite.ts'

let source: Uint8Array
beforeAll(async () => {
  source = await sourceNetwork()
})

/** Two slopes and, in blue, a disc on a pattern: as in tests/reference/basic_backbone.py. N × C × H × W, −1 to 1. */
function picture(size: number): Tensor {
  const values = new Float32Array(3 * size * size)
  const half = Math.floor(size / 2)
  const third = Math.floor(size / 3)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const disc = (x - half) ** 2 + (y - third) ** 2 < Math.floor(size / 4) ** 2
      const pixel = [Math.floor((x * 255) / size), Math.floor((y * 255) / size), disc ? 255 : (x ^ y) & 255]
      pixel.forEach((value, channel) => (values[(channel * size + y) * size + x] = value / 127.5 - 1))
    }
  }
  return new Tensor('float32', values, [1, 3, size, size])
}

async function features(model: Uint8Array, size: number): Promise<Float32Array> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 })
  const { features } = await session.run({ image: picture(size) })
  await session.release()
  return features.data as Float32Array
}

type Reference = Record<string, Record<string, { channels: number; sum: number; means: number[] }>>

describe('the conversion', () => {
  it.each([224, 300])(
    'gives what TensorFlow Lite gives, from the first layer to the last, at %i pixels',
    async (size) => {
      const reference = JSON.parse(await readFile(join(import.meta.dirname, 'reference.json'), 'utf8')) as Reference
      const expected = reference[size]
      const got = await features(convert(readTflite(source), { size, maps: Object.keys(expected) }).model, size)
      let at = 0
      for (const [map, { channels, sum, means }] of Object.entries(expected)) {
        const difference = means.map((mean, channel) => Math.abs(got[at + channel] ** 2 * sum - mean))
        expect(Math.max(...difference), map).toBeLessThan(1e-3)
        at += channels
      }
      expect(at).toBe(got.length)
    },
  )

  it('is not misled by a damaged network', () => {
    const end = source.length - 1
    // Weights fill the middle; what describes them lies at both ends.
    const places = fc.oneof(fc.nat(2000), fc.integer({ min: end - 60_000, max: end }), fc.nat(end))
    fc.assert(
      fc.property(
        fc.array(fc.tuple(places, fc.nat(255)), { minLength: 1, maxLength: 200 }),
        fc.nat(source.length),
        (changes, length) => {
          const damaged = new Uint8Array(source)
          for (const [at, value] of changes) damaged[at] = value
          for (const bytes of [damaged, source.subarray(0, length)]) {
            try {
              convert(readTflite(bytes), { size: 224, maps: ['FeatureExtractor/MobilenetV2/Conv/Relu6'] })
            } catch (thrown) {
              expect(thrown).toBeInstanceOf(AppError)
            }
          }
        },
      ),
      { numRuns: 10 },
    )
  })
})

describe('the built-in backbone', () => {
  let cache: string
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), 'unseen-basic-'))
  })
  afterEach(() => rm(cache, { recursive: true }))

  it('is made once and kept', async () => {
    const { manifest, model } = await ensureBasic(cache)
    expect(backboneManifestSchema.parse(manifest)).toEqual(manifest)
    const made = await stat(model)
    expect(await ensureBasic(cache)).toEqual({ manifest, model })
    expect((await stat(model)).mtimeMs).toBe(made.mtimeMs)
    expect((await readdir(join(cache, 'backbones/basic'))).sort()).toEqual(['manifest.json', 'model.onnx'])
  })

  it('is made again where it is damaged, the same to the bit', async () => {
    const { manifest, model } = await ensureBasic(cache)
    await truncate(model, 1000)
    expect((await ensureBasic(cache)).manifest).toEqual(manifest)
    await writeFile(join(cache, 'backbones/basic/manifest.json'), '{')
    expect((await ensureBasic(cache)).manifest).toEqual(manifest)
    expect((await stat(model)).size).toBeGreaterThan(1e6)
  })

  it('can be made twice at a time', async () => {
    const [one, other] = await Promise.all([ensureBasic(cache), ensureBasic(cache)])
    expect(one).toEqual(other)
    expect(await ensureBasic(cache)).toEqual(one)
  })

  it('stops when it is cancelled', async () => {
    const reason = new Error('enough')
    await expect(ensureBasic(cache, AbortSignal.abort(reason))).rejects.toBe(reason)
    expect(await readdir(cache)).toEqual([])
  })

  it('gives numbers, also where a picture has nothing on it', async () => {
    const { manifest, model } = await ensureBasic(cache)
    const session = await InferenceSession.create(model, { logSeverityLevel: 3 })
    const image = new Tensor('float32', new Float32Array(2 * 3 * 224 * 224).fill(-1), [2, 3, 224, 224])
    const { features } = await session.run({ [manifest.recipe.input]: image })
    await session.release()
    expect(features.dims).toEqual([2, manifest.recipe.dimension])
    expect((features.data as Float32Array).every(Number.isFinite)).toBe(true)
  })

  it.each([
    ['the package is not there', 'nowhere.data', 'backbone/basic-missing'],
    ['it holds no network', 'package.json', 'backbone/basic-damaged'],
  ])('says so where %s', async (_, file, code) => {
    vi.resetModules()
    vi.doMock('node:module', () => ({
      createRequire: () => ({ resolve: () => join(import.meta.dirname, '../../../..', file) }),
    }))
    const { ensureBasic } = await import('./index.ts')
    await expect(ensureBasic(cache)).rejects.toMatchObject({ code, next: expect.stringContaining('drop') as string })
    vi.doUnmock('node:module')
    expect(await readdir(cache)).toEqual([])
  })

  it('can be shown in a list', () => {
    backboneSchema.parse({ ...basicBackbone, origin: 'basic', installed: true, download: null })
  })
})
