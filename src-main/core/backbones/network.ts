import { availableParallelism } from 'node:os'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { AppError, grouped, type BackboneRecipe } from '../../contract/index.ts'
import { reasonOf } from '../compute/onnx/reason.ts'
import { cannotRun, noOutput, wrongOutput } from './errors.ts'
import { fromHalf } from './half.ts'
import { createInputTensor, type InputValues } from './input-tensor.ts'
import { readOnnxFile, withOutput } from './onnx-file/index.ts'
import type { FailedProvider, Provider } from './providers.ts'

/** A network that is ready to run. */
export interface Network {
  readonly provider: Provider
  /** What was tried before, and why it was not to be. */
  readonly failed: readonly FailedProvider[]
  /** D. */
  readonly dimension: number
  /** Features of as many images as the tensor holds, which is the recipe's batch where that is fixed. @returns N×D. */
  readonly run: (values: InputValues, images: number) => Promise<Float32Array>
  release(): Promise<void>
}

/**
 * Loads a network where it runs: each provider is tried on one empty picture, since many a one loads and then cannot run.
 * @throws AppError `backbone/…`.
 */
export async function openNetwork(
  model: string,
  recipe: BackboneRecipe,
  providers: readonly Provider[],
): Promise<Network> {
  const source = await sourceOf(model, recipe)
  const failed: FailedProvider[] = []
  let cause: unknown
  for (const provider of providers) {
    let session: InferenceSession | null = null
    try {
      session = await InferenceSession.create(source as string, sessionOptions(provider))
      const run = runner(session, recipe)
      const images = recipe.batch ?? 1
      const features = await run(createInputTensor(recipe, images).values, images)
      const opened = session
      const toldRun: Network['run'] = (...input) =>
        run(...input).catch((thrown: unknown) => {
          throw thrown instanceof AppError ? thrown : cannotRun(thrown)
        })
      const dimension = features.length / images
      return { provider, failed, dimension, run: toldRun, release: () => opened.release() }
    } catch (thrown) {
      await session?.release().catch(() => undefined)
      // What the network gives is wrong everywhere.
      if (thrown instanceof AppError) throw thrown
      failed.push({ provider, reason: reasonOf(thrown) })
      cause = thrown
    }
  }
  throw cannotRun(cause)
}

/** The file, or its bytes with one output more. Both were looked at before: no weight comes from another file. */
async function sourceOf(model: string, { output }: BackboneRecipe): Promise<string | Uint8Array> {
  const { outputs, nodes } = await readOnnxFile(model)
  if (outputs.some(({ name }) => name === output)) return model
  if (!nodes.some((node) => node.outputs.includes(output))) throw noOutput(output)
  return withOutput(model, output)
}

function sessionOptions(provider: Provider): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider === 'directml' ? 'dml' : provider],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 4,
    ...(provider === 'cpu' ? processor : {}),
  }
}

/** Threads that wait actively would take the cores from those that decode the next photos. */
const processor: InferenceSession.SessionOptions = {
  intraOpNumThreads: availableParallelism(),
  interOpNumThreads: 1,
  extra: { session: { intra_op: { allow_spinning: '0' } } },
}

function runner(session: InferenceSession, recipe: BackboneRecipe): Network['run'] {
  const { input, inputType, output, layout, pooling } = recipe
  const [height, width] = recipe.inputSize
  return async (values, images) => {
    const shape = layout === 'NCHW' ? [images, 3, height, width] : [images, height, width, 3]
    const result = (await session.run({ [input]: inputTensor(inputType, values, shape) }, [output]))[output]
    try {
      return pooled(floatsOf(result), result.dims, images, pooling)
    } finally {
      result.dispose()
    }
  }
}

function inputTensor(type: BackboneRecipe['inputType'], values: InputValues, shape: readonly number[]): Tensor {
  if (type === 'uint8') return new Tensor('uint8', values as Uint8Array, shape)
  if (type === 'float32') return new Tensor('float32', values as Float32Array, shape)
  // Where Node has Float16Array (24), onnxruntime makes one of it, and then its own binding takes that for empty.
  return Object.defineProperty(new Tensor('float16', values as Uint16Array, shape), 'data', { value: values })
}

function floatsOf({ type, data }: Tensor): Float32Array {
  if (type === 'float32') return data as Float32Array
  if (type !== 'float16') throw wrongOutput(`its numbers are of the type ${type}`)
  const { buffer, byteOffset, byteLength } = data as Uint16Array
  return Float32Array.from(new Uint16Array(buffer, byteOffset, byteLength / 2), fromHalf)
}

const mostFeatures = 65_536

/** One vector for each image. Sums are in double precision: half-precision maps have thousands of places. */
function pooled(
  values: Float32Array,
  shape: readonly number[],
  images: number,
  pooling: BackboneRecipe['pooling'],
): Float32Array {
  const rank = shape.length
  if (rank < 2 || shape[0] !== images) {
    throw wrongOutput(`its shape is ${shape.join(' × ') || 'one number'}, with no row for each picture`)
  }
  if (pooling === 'average' && rank !== 3 && rank !== 4) throw wrongOutput('there is nothing to average over')
  if (pooling === 'cls' && rank !== 3) throw wrongOutput('it has no tokens, so that there is no first one')
  const size = values.length / images
  // N×C×H×W has the places behind the features, N×tokens×features before them.
  const width = pooling === 'none' ? size : rank === 4 ? shape[1] : shape[2]
  if (!(width >= 1 && width <= mostFeatures)) throw wrongOutput(`it would be ${grouped(width)} features`)
  if (pooling === 'none') return values.slice()

  const features = new Float32Array(images * width)
  const places = size / width
  for (let image = 0; image < images; image++) {
    const from = image * size
    if (pooling === 'cls') {
      features.set(values.subarray(from, from + width), image * width)
      continue
    }
    const [featureStep, placeStep] = rank === 4 ? [places, 1] : [1, width]
    for (let feature = 0; feature < width; feature++) {
      let sum = 0
      for (let place = 0; place < places; place++) sum += values[from + feature * featureStep + place * placeStep]
      features[image * width + feature] = sum / places
    }
  }
  return features
}
