import { AppError, type BackboneManifest } from '../../contract/index.ts'
import { reasonOf } from '../compute/onnx/reason.ts'
import { photoHash, readPhoto } from '../photos/index.ts'
import { decodeFor } from './decode.ts'
import { damagedBackbone } from './errors.ts'
import { featureKey, openFeatureCache } from './feature-cache.ts'
import { createInputTensor, type DecodedPhoto, type InputTensor } from './input-tensor.ts'
import { openNetwork, type Network } from './network.ts'
import type { FailedProvider, Provider } from './providers.ts'
import { readAhead } from './read-ahead.ts'

/** What a job process needs to make features; crosses by structured clone. */
export interface BackboneSetup {
  readonly manifest: BackboneManifest
  /** Path of the .onnx file. */
  readonly model: string
  /** Cache folder of the workspace. */
  readonly cache: string
  /** To be tried in this order. */
  readonly providers: readonly Provider[]
  /** What was tried already, and took its process with it. */
  readonly failed?: readonly FailedProvider[]
}

/** The same where nothing may depend on a card: in a process that has more to do. */
export const onProcessor = (setup: BackboneSetup): BackboneSetup => ({ ...setup, providers: ['cpu'] })

export interface PhotoToExtract {
  readonly path: string
  /** SHA-256 of its bytes, where it is known: a photo whose features are in the cache is not even opened then. */
  readonly sha256?: string
}

export interface ExtractedPhoto {
  /** Place in the order in which the photos came, from 0. */
  readonly at: number
  /** D numbers; null where the photo cannot be read. */
  readonly features: Float32Array | null
  readonly error: AppError | null
  /** null where the file cannot be read at all. */
  readonly sha256: string | null
}

export interface Extractor {
  /** Where the network runs; null until a photo needed it. */
  readonly device: Provider | null
  /** What was tried before that device, and why it was not to be. */
  readonly failed: readonly FailedProvider[]
  /** Photos of one run of the network. */
  readonly batch: number
  /** In the order of `photos`. A photo that cannot be read is an entry with its error; a network that fails throws. */
  extract(photos: Iterable<PhotoToExtract> | AsyncIterable<PhotoToExtract>): AsyncGenerator<ExtractedPhoto>
  release(): Promise<void>
}

const processorBatch = 8 // more gains nothing there, and a cancelled job loses less
const cardBatch = 32
/**
 * Photos that are begun beyond the next portions. A run of the network keeps this thread from answering, and reading and
 * decoding a photo asks it several times: measured, fewer leave the network waiting 15 % of the time, these 4 %.
 */
const ahead = 48
/** Answers that may wait for a batch to fill, e.g. of photos that the cache knows. */
const mostWaiting = 256

interface ReadPhoto {
  readonly sha256: string | null
  readonly features: Float32Array | null
  readonly decoded: DecodedPhoto | null
  readonly error: AppError | null
}

/** Makes features in this process: sharp decodes ahead on its own threads while the network runs. */
export async function createExtractor({
  manifest,
  model,
  cache: cacheFolder,
  providers,
  failed: before = [],
  signal,
}: BackboneSetup & { readonly signal: AbortSignal }): Promise<Extractor> {
  const { recipe } = manifest
  const { dimension } = recipe
  const cache = await openFeatureCache(cacheFolder, featureKey(manifest), dimension)
  const failed = [...before]
  let network: Network | null = null
  let input: InputTensor | null = null
  const batchOf = (provider: Provider | undefined): number =>
    recipe.batch ?? (provider === 'cpu' ? processorBatch : cardBatch)
  let batch = batchOf(providers[0])

  /** Loaded when the first photo needs it. */
  async function ready(): Promise<InputTensor> {
    if (network !== null && input !== null) return input
    const opened = await openNetwork(model, recipe, providers)
    if (opened.dimension !== dimension) throw damagedBackbone(manifest.id)
    batch = batchOf(opened.provider)
    // The same memory for every run; a part of it for the last.
    input = createInputTensor(recipe, batch)
    network = opened
    failed.push(...opened.failed)
    return input
  }

  /** A card that ran the first picture may fail at a later one: then the processor goes on from there. */
  async function runOrReplace(...given: Parameters<Network['run']>): Promise<Float32Array> {
    const tried = network!
    try {
      return await tried.run(...given)
    } catch (thrown) {
      if (tried.provider === 'cpu') throw thrown
      await tried.release().catch(() => undefined)
      network = await openNetwork(model, recipe, ['cpu'])
      failed.push({ provider: tried.provider, reason: reasonOf((thrown as Error).cause ?? thrown) })
      return network.run(...given)
    }
  }

  async function read({ path, sha256: known }: PhotoToExtract): Promise<ReadPhoto> {
    const nothing = { features: null, decoded: null, error: null }
    let sha256 = known ?? null
    try {
      if (sha256 !== null && cache.has(sha256)) return { ...nothing, sha256, features: await cache.read(sha256) }
      const bytes = await readPhoto(path)
      sha256 ??= photoHash(bytes)
      if (cache.has(sha256)) return { ...nothing, sha256, features: await cache.read(sha256) }
      return { ...nothing, sha256, decoded: await decodeFor(bytes, recipe) }
    } catch (thrown) {
      if (!(thrown instanceof AppError)) throw thrown
      return { ...nothing, sha256, error: thrown }
    }
  }

  /** Runs the network on what has only pixels, as many at a time as it takes. */
  async function complete(waiting: readonly ReadPhoto[]): Promise<ReadPhoto[]> {
    const pending = waiting.filter(({ decoded }) => decoded !== null)
    const made = new Map<ReadPhoto, Float32Array | null>()
    for (let from = 0; from < pending.length; from += batch) {
      const input = await ready()
      signal.throwIfAborted()
      const photos = pending.slice(from, from + batch)
      // A network of a fixed batch gets some earlier pictures beside the last ones.
      const images = recipe.batch ?? photos.length
      photos.forEach(({ decoded }, at) => input.write(decoded!, at))
      const features = await runOrReplace(input.values.subarray(0, (input.values.length / batch) * images), images)
      photos.forEach((photo, at) => {
        const own = features.slice(at * dimension, (at + 1) * dimension)
        made.set(photo, own.every(Number.isFinite) ? own : null)
      })
    }
    void cache.append(
      [...made].flatMap(([{ sha256 }, features]) => (features === null ? [] : [{ sha256: sha256!, features }])),
    )
    return waiting.map((photo) => {
      const features = made.get(photo)
      if (features === undefined) return photo
      return { ...photo, decoded: null, features, error: features === null ? notFinite() : null }
    })
  }

  return {
    get device() {
      return network?.provider ?? null
    },
    failed,
    get batch() {
      return batch
    },

    async *extract(photos) {
      let at = 0
      const answer = ({ sha256, features, error }: ReadPhoto): ExtractedPhoto => ({ at: at++, sha256, features, error })
      /** Photos that are completed together: whole runs, and some of them where the network takes one photo at a time. */
      const portion = (): number => batch * Math.ceil(processorBatch / batch)
      let waiting: ReadPhoto[] = []
      let pending = 0
      for await (const photo of readAhead(photos, read, () => 3 * portion() + ahead, signal)) {
        waiting.push(photo)
        if (photo.decoded !== null) pending++
        if (pending > 0 && pending < portion() && waiting.length < mostWaiting) continue
        for (const done of await complete(waiting)) yield answer(done)
        waiting = []
        pending = 0
      }
      for (const done of await complete(waiting)) yield answer(done)
    },

    async release() {
      await cache.close()
      await network?.release()
    },
  }
}

const notFinite = (): AppError =>
  new AppError('photo/no-features', 'The network gives no numbers for this picture.', {
    next: 'Leave it out, or choose another network.',
  })
