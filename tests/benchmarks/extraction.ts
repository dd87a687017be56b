/**
 * Features of photos beside its two halves: the bare network in a loop on tensors that are decoded already, and bare
 * decoding. The target is 0.85 of the slower of the two.
 *
 *   npx node tests/benchmarks/extraction.ts [rounds] [photos]
 *
 * Uses ../shared (photos of animals, MobileNetV2) where it is, else generated pictures and the basic network. Rounds
 * alternate, since a busy machine makes every one of them slow in its own way. Decoding is measured one after the other
 * (as the network is) and with all threads.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { createExtractor, type BackboneSetup } from '../../src-main/core/backbones/index.ts'
import { ensureBasic } from '../../src-main/core/backbones/basic/index.ts'
import { decodeFor } from '../../src-main/core/backbones/decode.ts'
import { createInputTensor } from '../../src-main/core/backbones/input-tensor.ts'
import { openNetwork } from '../../src-main/core/backbones/network.ts'
import { readOnnxFile } from '../../src-main/core/backbones/onnx-file/index.ts'
import { suggest } from '../../src-main/core/backbones/suggest.ts'
import { isPhotoName } from '../../src-main/core/photos/index.ts'

const shared = join(import.meta.dirname, '../../../shared')
const batch = 8

async function photosFor(folder: string, count: number): Promise<string[]> {
  const animals = join(shared, 'data/caltech-animals/images')
  if (existsSync(animals)) {
    const files = (await readdir(animals, { recursive: true })).filter(isPhotoName).sort()
    const step = Math.max(1, Math.floor(files.length / count))
    return files
      .filter((_, at) => at % step === 0)
      .slice(0, count)
      .map((file) => join(animals, file))
  }
  await mkdir(folder, { recursive: true })
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const path = join(folder, `${at}.jpg`)
      const noise = { type: 'gaussian', mean: 120, sigma: 30 } as const
      await sharp({
        create: { width: 300, height: 220, channels: 3, background: { r: at % 256, g: 90, b: 40 }, noise },
      })
        .jpeg({ quality: 85 })
        .toFile(path)
      return path
    }),
  )
}

async function backboneFor(cache: string): Promise<BackboneSetup> {
  const model = join(shared, 'models/mobilenetv2-imagenet.onnx')
  const providers = ['cpu'] as const
  if (!existsSync(model)) return { ...(await ensureBasic(cache)), cache, providers }
  const { recipe } = suggest(await readOnnxFile(model), 'mobilenetv2-imagenet')
  const manifest = { id: 'mobilenetv2', name: 'MobileNetV2', recipe, licence: '', source: '', sha256: '0'.repeat(64) }
  return { manifest, model, cache, providers }
}

interface Measured {
  readonly photosPerSecond: number
  /** Of all threads, for one photo: a busy machine changes it least. */
  readonly cpuMilliseconds: number
}

async function measure(photos: number, work: () => Promise<void>): Promise<Measured> {
  const started = performance.now()
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return {
    photosPerSecond: (photos * 1000) / (performance.now() - started),
    cpuMilliseconds: (user + system) / 1000 / photos,
  }
}

const rounds = Number(process.argv[2] ?? 3)
const folder = await mkdtemp(join(tmpdir(), 'unseen-extraction-'))
try {
  const count = Number(process.argv[3] ?? 200)
  const found = await photosFor(join(folder, 'photos'), count + 2 * batch)
  const paths = found.slice(0, count)
  const warming = found.slice(count).map((path) => ({ path }))
  const setup = await backboneFor(join(folder, 'cache'))
  const { recipe } = setup.manifest
  const decode = (path: string) => decodeFor(path, recipe)
  const network = await openNetwork(setup.model, recipe, ['cpu'])
  const { values, write } = createInputTensor(recipe, batch)
  const photo = await decode(paths[0])
  for (let at = 0; at < batch; at++) write(photo, at)
  for (let i = 0; i < 3; i++) await network.run(values, batch)

  const measures: Record<string, () => Promise<void>> = {
    'bare network': async () => {
      for (let at = 0; at < paths.length; at += batch) await network.run(values, batch)
    },
    'bare decoding': async () => {
      for (const path of paths) await decode(path)
    },
    'decoding, all threads': async () => {
      const left = [...paths]
      const worker = async (): Promise<void> => {
        for (let path = left.pop(); path !== undefined; path = left.pop()) await decode(path)
      }
      await Promise.all(Array.from({ length: 2 * availableParallelism() }, worker))
    },
  }
  const best = new Map<string, Measured>()
  for (let round = 0; round < rounds; round++) {
    // Each with a cache of its own, and its network open and warm as the bare one is.
    const cache = join(folder, `cache-${round}`)
    await mkdir(cache)
    const extractor = await createExtractor({ ...setup, cache, signal: new AbortController().signal })
    for await (const { error } of extractor.extract(warming)) if (error) throw error
    const extraction = async (): Promise<void> => {
      for await (const { error } of extractor.extract(paths.map((path) => ({ path })))) if (error) throw error
    }
    for (const [name, work] of Object.entries({ ...measures, extraction })) {
      const now = await measure(paths.length, work)
      const { photosPerSecond, cpuMilliseconds } = best.get(name) ?? now
      best.set(name, {
        photosPerSecond: Math.max(photosPerSecond, now.photosPerSecond),
        cpuMilliseconds: Math.min(cpuMilliseconds, now.cpuMilliseconds),
      })
      const speed = `${now.photosPerSecond.toFixed(0).padStart(5)} photos/s`
      console.log(`${name.padEnd(22)} ${speed}, ${now.cpuMilliseconds.toFixed(1)} ms of processor each`)
    }
    await extractor.release()
  }
  const [bare, decoding, made] = ['bare network', 'bare decoding', 'extraction'].map((name) => best.get(name)!)
  const share = made.photosPerSecond / Math.min(bare.photosPerSecond, decoding.photosPerSecond)
  console.log(`extraction is ${share.toFixed(2)} of the slower half, best of ${rounds} (target 0.85)`)
  // On one processor both halves share the cores: no order of work can be faster than their costs together.
  const together = bare.cpuMilliseconds + decoding.cpuMilliseconds
  console.log(
    `it takes ${(made.cpuMilliseconds / together).toFixed(2)} of the processor time of the two halves together`,
  )
  await network.release()
} finally {
  await rm(folder, { recursive: true, force: true })
}
