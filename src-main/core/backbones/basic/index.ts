import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { backboneManifestSchema, type BackboneManifest, type BackboneRecipe } from '../../../contract/index.ts'
import { readJson, writeFileAtomic } from '../../workspace/index.ts'
import { convert, inputName, outputName } from './convert.ts'
import { damagedPackage } from './failures.ts'
import { sourceNetwork } from './source.ts'
import { readTflite } from './tflite.ts'

const size = 224

/** The last two layers before the detector's own, where a channel stands for a thing rather than for an edge. */
const maps = [15, 16].map((block) => `FeatureExtractor/MobilenetV2/expanded_conv_${block}/depthwise/Relu6`)

const recipe: BackboneRecipe = {
  input: inputName,
  inputType: 'float32',
  layout: 'NCHW',
  channels: 'RGB',
  inputSize: [size, size],
  shorterSide: null,
  fit: 'cover',
  // A pixel becomes −1 to 1.
  scale: 1 / 127.5,
  offset: -1,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  batch: null,
  output: outputName,
  pooling: 'none',
  dimension: 1920,
}

/** The backbone that comes with the application, as a list shows it before it is made. */
export const basicBackbone = {
  id: 'basic',
  name: 'Basic (built in)',
  note: 'Needs no download, and is clearly weaker than a network trained on ImageNet: good for a first try.',
  licence: 'Apache-2.0',
  source: 'MediaPipe Objectron: SSD MobileNetV2, trained on Open Images V4 to find 23 kinds of things',
  dimension: recipe.dimension,
} as const

/**
 * The built-in backbone: made on first use in the workspace's cache, and again when it is not there or not what it was.
 * Throws `backbone/basic-missing` and `backbone/basic-damaged` where the package that it is made from is.
 */
export async function ensureBasic(
  cacheFolder: string,
  signal?: AbortSignal,
): Promise<{ manifest: BackboneManifest; model: string }> {
  const folder = join(cacheFolder, 'backbones', basicBackbone.id)
  const model = join(folder, 'model.onnx')
  const manifestFile = join(folder, 'manifest.json')
  const kept = await readJson(manifestFile, backboneManifestSchema).catch(() => null)
  if (kept !== null && (await holds(model, kept))) return { manifest: kept, model }

  const network = readTflite(await sourceNetwork(signal))
  signal?.throwIfAborted()
  const made = convert(network, { size, maps })
  if (made.dimension !== recipe.dimension) throw damagedPackage('there is another network than the known one')
  const manifest = manifestOf(sha256Of(made.model))
  await mkdir(folder, { recursive: true })
  // The manifest last: it says what the model has to be.
  await writeFileAtomic(model, made.model)
  await writeFileAtomic(manifestFile, `${JSON.stringify(manifest, null, 2)}\n`)
  return { manifest, model }
}

function manifestOf(sha256: string): BackboneManifest {
  const { id, name, licence, source } = basicBackbone
  return { id, name, recipe, licence, source, sha256 }
}

/** Whether a model of an earlier call is whole, and made as this version makes it. */
async function holds(model: string, kept: BackboneManifest): Promise<boolean> {
  if (JSON.stringify(kept) !== JSON.stringify(manifestOf(kept.sha256))) return false
  return readFile(model).then(
    (bytes) => sha256Of(bytes) === kept.sha256,
    () => false,
  )
}

const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
