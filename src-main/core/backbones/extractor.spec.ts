import { createHash } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import sharp from 'sharp'
import { describe, expect, it, vi } from 'vitest'
import type { BackboneRecipe } from '../../contract/index.ts'
import { temporaryFolder } from '../datasets/testing/folders.ts'
import { createExtractor, type ExtractedPhoto, type PhotoToExtract } from './extractor.ts'
import { failedFindings, type Provider } from './providers.ts'
import { averages, averagesRecipe, onnxBytes, type ModelToWrite } from './testing/models.ts'

/** Pictures of one colour, and a network that gives it back. */
async function photosIn(folder: string, count: number): Promise<{ path: string; sha256: string }[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const path = join(folder, `${at}.png`)
      const background = { r: at, g: 2 * at, b: 255 - at }
      const bytes = await sharp({ create: { width: 6, height: 5, channels: 3, background } })
        .png()
        .toBuffer()
      await writeFile(path, bytes)
      return { path, sha256: createHash('sha256').update(bytes).digest('hex') }
    }),
  )
}
const colour = (at: number): number[] => [at, 2 * at, 255 - at]

async function extractorIn(
  folder: string,
  change: Partial<BackboneRecipe> = {},
  model: ModelToWrite = averages,
  signal = new AbortController().signal,
  providers: readonly Provider[] = ['cpu'],
) {
  const path = join(folder, 'model.onnx')
  await writeFile(path, onnxBytes(model))
  const recipe = { ...averagesRecipe, ...change }
  const sha256 = createHash('sha256').update(onnxBytes(model)).digest('hex')
  const manifest = { id: 'tiny', name: 'Tiny', recipe, licence: '', source: '', sha256 }
  return createExtractor({ manifest, model: path, cache: join(folder, 'cache'), providers, signal })
}

async function all(
  extractor: Awaited<ReturnType<typeof extractorIn>>,
  photos: Iterable<PhotoToExtract> | AsyncIterable<PhotoToExtract>,
): Promise<ExtractedPhoto[]> {
  const answers: ExtractedPhoto[] = []
  for await (const answer of extractor.extract(photos)) answers.push(answer)
  return answers
}

describe('the extractor', () => {
  it('gives the features of each photo, in order, and remembers them', async () => {
    await using folder = await temporaryFolder()
    const photos = await photosIn(folder.path, 21)
    const first = await extractorIn(folder.path)
    const answers = await all(
      first,
      photos.map(({ path }) => ({ path })),
    )
    expect(answers.map(({ at }) => at)).toEqual(photos.map((_, at) => at))
    expect(answers.map(({ features }) => [...features!])).toEqual(photos.map((_, at) => colour(at)))
    expect(answers.map(({ sha256 }) => sha256)).toEqual(photos.map(({ sha256 }) => sha256))
    expect(first.device).toBe('cpu')
    await first.release()

    // Known by their hash, they are not even opened; and the network is not needed.
    await Promise.all(photos.map(({ path }) => rm(path)))
    const second = await extractorIn(folder.path)
    expect((await all(second, photos)).map(({ features }) => [...features!])).toEqual(photos.map((_, at) => colour(at)))
    expect(second.device).toBeNull()
    await second.release()
  })

  it('goes round photos that cannot be read', async () => {
    await using folder = await temporaryFolder()
    const photos = await photosIn(folder.path, 5)
    const whole = await readFile(photos[1].path)
    await writeFile(photos[1].path, whole.subarray(0, whole.length - 40))
    await writeFile(photos[2].path, '<html>not found</html>')
    await rm(photos[4].path)
    const extractor = await extractorIn(folder.path)
    const answers = await all(
      extractor,
      photos.map(({ path }) => ({ path })),
    )
    await extractor.release()
    expect(answers.map(({ error }) => error?.code ?? null)).toEqual([
      ...[null, 'photo/truncated', 'photo/not-a-picture', null, 'photo/unreadable'],
    ])
    expect(answers.map(({ features }) => features && [...features])).toEqual([
      ...[colour(0), null, null, colour(3), null],
    ])
  })

  it('names a photo of which the network makes no numbers', async () => {
    await using folder = await temporaryFolder()
    const photos = await photosIn(folder.path, 3)
    const logarithm: ModelToWrite = {
      ...averages,
      nodes: [
        ...averages.nodes.slice(0, 2),
        { operation: 'Log', inputs: ['pooled'], outputs: ['logs'] },
        { operation: 'Flatten', inputs: ['logs'], outputs: ['features'] },
      ],
    }
    const extractor = await extractorIn(folder.path, {}, logarithm)
    const answers = await all(extractor, photos)
    await extractor.release()
    expect(answers.map(({ error }) => error?.code ?? null)).toEqual(['photo/no-features', null, null])
    const again = await extractorIn(folder.path, {}, logarithm)
    expect((await all(again, photos))[0].error?.code).toBe('photo/no-features')
    await again.release()
  })

  it('fills up the batch of a network that takes no other number', async () => {
    await using folder = await temporaryFolder()
    const photos = await photosIn(folder.path, 7)
    const fixed: ModelToWrite = { ...averages, inputs: [['image', 'float32', [4, 3, 4, 4]]] }
    const extractor = await extractorIn(folder.path, { batch: 4 }, fixed)
    expect((await all(extractor, photos)).map(({ features }) => [...features!])).toEqual(
      photos.map((_, at) => colour(at)),
    )
    await extractor.release()
  })

  it('answers as it goes while its photos are still being found', async () => {
    await using folder = await temporaryFolder()
    const photos = await photosIn(folder.path, 3)
    let found = 0
    async function* slowly() {
      while (found < 1000) {
        await new Promise((resolve) => setImmediate(resolve))
        yield photos[found++ % 3]
      }
    }
    const extractor = await extractorIn(folder.path)
    for await (const { at } of extractor.extract(slowly())) if (at === 0) break
    // Nor does it begin with all of them: a photo that waits takes memory.
    expect(found).toBeLessThan(500)
    await extractor.release()
  })

  it('has kept all but the last portion when it is cancelled', async () => {
    await using folder = await temporaryFolder()
    const photos = await photosIn(folder.path, 60)
    const cancel = new AbortController()
    const extractor = await extractorIn(folder.path, {}, averages, cancel.signal)
    let done = 0
    const cut = async (): Promise<void> => {
      for await (const { at } of extractor.extract(photos)) {
        done = at + 1
        if (at === 20) cancel.abort()
      }
    }
    await expect(cut()).rejects.toMatchObject({ name: 'AbortError' })
    await extractor.release()
    expect(done).toBeLessThan(40)
    await Promise.all(photos.slice(0, done).map(({ path }) => rm(path)))
    const again = await extractorIn(folder.path)
    expect((await all(again, photos)).map(({ features }) => features?.[0])).toEqual(photos.map((_, at) => at))
    await again.release()
  })

  it('goes on with the processor where a card fails in the middle of it, and says so', async () => {
    await using folder = await temporaryFolder()
    const photos = await photosIn(folder.path, 70)
    const create = InferenceSession.create.bind(InferenceSession) as (
      ...given: [string, InferenceSession.SessionOptions]
    ) => Promise<InferenceSession>
    // What stands in for the card runs the empty picture and the first portion, then no more.
    let runs = 0
    using spy = vi.spyOn(InferenceSession, 'create').mockImplementation((async (
      model: string,
      options: InferenceSession.SessionOptions,
    ) => {
      const onCard = options.executionProviders?.[0] === 'cuda'
      const session = await create(model, onCard ? { ...options, executionProviders: ['cpu'] } : options)
      const run = session.run.bind(session) as (...given: unknown[]) => Promise<never>
      if (onCard) session.run = (...given) => (++runs > 2 ? Promise.reject(new Error('device lost')) : run(...given))
      return session
    }) as typeof InferenceSession.create)
    const extractor = await extractorIn(folder.path, {}, averages, undefined, ['cuda', 'cpu'])
    const answers = await all(extractor, photos)
    expect(answers.map(({ features }) => [...features!])).toEqual(photos.map((_, at) => colour(at)))
    expect([runs, extractor.device]).toEqual([3, 'cpu'])
    expect(failedFindings(extractor.failed).map(({ message }) => message)).toEqual([
      'The graphics card (CUDA) could not run the network, so the processor did: device lost',
    ])
    expect(spy).toHaveBeenCalledTimes(2)
    await extractor.release()
  })

  it('fails where the network does, and where its photos cannot be listed', async () => {
    await using folder = await temporaryFolder()
    const photos = await photosIn(folder.path, 3)
    const broken = await extractorIn(folder.path, { input: 'another' })
    await expect(all(broken, photos)).rejects.toMatchObject({ code: 'backbone/cannot-run' })
    await broken.release()
    const narrow = await extractorIn(folder.path, { dimension: 5 })
    await expect(all(narrow, photos)).rejects.toMatchObject({ code: 'backbone/damaged' })
    await narrow.release()
    const extractor = await extractorIn(folder.path)
    // eslint-disable-next-line require-yield
    const listing = (async function* (): AsyncGenerator<PhotoToExtract> {
      await Promise.resolve()
      throw new Error('no listing')
    })()
    await expect(all(extractor, listing)).rejects.toThrow('no listing')
    await extractor.release()
  })
})
