import { z } from 'zod'
import { AppError, type TrainingConfig } from '../../contract/index.ts'
import type { Dataset } from '../datasets/index.ts'
import type { Model } from '../inference/scorer.ts'
import { featureStatistics, type FeatureStatistics } from '../method/scaling.ts'
import { readSafetensors, writeSafetensors, type Tensors } from '../workspace/index.ts'
import type { EszslModel } from './eszsl.ts'
import { runFiles } from './run-folder.ts'

const parameterPrefix = 'parameter '

/** What the model's indices and features mean, kept with it: the dataset may change after the training. */
export interface ModelContext {
  /** Of every class of the dataset. */
  readonly classNames: readonly string[]
  /** Ascending class indices. */
  readonly seenClasses: Int32Array
  readonly unseenClasses: Int32Array
  readonly statistics: FeatureStatistics | null
}

/** Its classes as the dataset described them, so that a class described later is scaled just as they were. */
export interface ClassDescriptions {
  readonly attributeNames: readonly string[]
  /** Of each attribute; null: in none. */
  readonly attributeGroups: readonly (string | null)[]
  /** C×K as imported, in the units of the dataset; NaN is unknown. */
  readonly rawAttributes: Float32Array
  /** How many training images each seen class had, in the order of `seenClasses`. */
  readonly trainingImages: Int32Array
}

type KeptContext = ModelContext & ClassDescriptions

/** What is kept of a dataset, whose features may have been scaled since it was read. */
export const contextOf = (
  dataset: Dataset,
  { featureScaling }: Pick<TrainingConfig, 'featureScaling'>,
): KeptContext => ({
  classNames: dataset.classNames,
  attributeNames: dataset.attributeNames,
  attributeGroups: dataset.attributeGroups,
  rawAttributes: dataset.attributes,
  trainingImages: imagesOf(dataset),
  seenClasses: dataset.seenClasses,
  unseenClasses: dataset.unseenClasses,
  // `standard` leaves the dataset's own array as it was.
  statistics: featureStatistics(
    dataset.features!,
    dataset.manifest.counts.features!,
    featureScaling,
    dataset.splits.trainval,
  ),
})

/** Training images of each seen class. */
function imagesOf({ splits, labels, seenClasses }: Dataset): Int32Array {
  const counts = new Map<number, number>()
  for (const image of splits.trainval) counts.set(labels[image], (counts.get(labels[image]) ?? 0) + 1)
  return seenClasses.map((one) => counts.get(one) ?? 0)
}

export async function writeModel(folder: string, model: Model, context: KeptContext): Promise<void> {
  const { parameters, centres, attributes, classMeans } = model
  const [S, K] = [model.seenClasses.length, centres.length / countCentres(model)]
  const tensors = {
    ...Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [parameterPrefix + name, tensor])),
    centres: { data: centres, shape: [centres.length / K, K] },
    attributes: { data: attributes, shape: [attributes.length / K, K] },
    classMeans: { data: classMeans, shape: [S, classMeans.length / S] },
  }
  await write(folder, tensors, context)
}

export async function writeEszslModel(
  folder: string,
  { weights, attributes }: EszslModel,
  context: KeptContext,
): Promise<void> {
  const K = context.attributeNames.length
  const tensors = {
    weights: { data: weights, shape: [K, weights.length / K] },
    attributes: { data: attributes, shape: [attributes.length / K, K] },
  }
  await write(folder, tensors, context)
}

const list = <T extends Float32Array | Int32Array>(data: T) => ({ data, shape: [data.length] })

function write(folder: string, tensors: Tensors, context: KeptContext): Promise<void> {
  const { classNames, seenClasses, unseenClasses, statistics, ...described } = context
  const { attributeNames, attributeGroups, rawAttributes, trainingImages } = described
  const own: Tensors = {
    seenClasses: list(seenClasses),
    unseenClasses: list(unseenClasses),
    rawAttributes: { data: rawAttributes, shape: [classNames.length, attributeNames.length] },
    trainingImages: list(trainingImages),
    ...(statistics ? { featureMean: list(statistics.mean), featureDeviation: list(statistics.deviation) } : {}),
  }
  return writeSafetensors(
    runFiles(folder).model,
    { ...tensors, ...own },
    {
      classes: JSON.stringify(classNames),
      attributes: JSON.stringify(attributeNames),
      attributeGroups: JSON.stringify(attributeGroups),
    },
  )
}

/** Throws `run/no-model`, also for a model of an earlier version, which did not keep it. */
export async function readModelContext(folder: string): Promise<ModelContext> {
  const { tensors, metadata, integers, floats } = await readTensors(folder)
  if (!Object.hasOwn(metadata, 'classes')) throw incomplete('classes')
  return {
    classNames: z.array(z.string()).parse(JSON.parse(metadata.classes)),
    seenClasses: integers('seenClasses'),
    unseenClasses: integers('unseenClasses'),
    statistics: Object.hasOwn(tensors, 'featureMean')
      ? { mean: floats('featureMean'), deviation: floats('featureDeviation') }
      : null,
  }
}

/** Throws `run/no-model`, and `run/no-descriptions` for a model of an earlier version. */
export async function readClassDescriptions(folder: string): Promise<ClassDescriptions> {
  const { metadata, integers, floats } = await readTensors(folder)
  if (!Object.hasOwn(metadata, 'attributes')) {
    throw new AppError(
      'run/no-descriptions',
      'This run was made by an earlier version, which did not keep how its classes are described.',
      { next: 'Train again with the same settings.' },
    )
  }
  return {
    attributeNames: z.array(z.string()).parse(JSON.parse(metadata.attributes)),
    attributeGroups: z.array(z.string().nullable()).parse(JSON.parse(metadata.attributeGroups)),
    rawAttributes: floats('rawAttributes'),
    trainingImages: integers('trainingImages'),
  }
}

/** Throws `run/no-model`. */
export async function readEszslModel(folder: string): Promise<EszslModel> {
  const { floats } = await readTensors(folder)
  return { weights: floats('weights'), attributes: floats('attributes') }
}

const countCentres = ({ parameters }: Model): number =>
  Object.keys(parameters).filter((name) => /^semantic\.\d+\.weight$/.test(name)).length

/** Throws `run/no-model`. */
export async function readModel(folder: string): Promise<Model> {
  const { tensors, floats, integers } = await readTensors(folder)
  const parameters = Object.fromEntries(
    Object.entries(tensors).flatMap(([name, { data, shape }]) =>
      name.startsWith(parameterPrefix) && data instanceof Float32Array
        ? [[name.slice(parameterPrefix.length), { data, shape }]]
        : [],
    ),
  )
  return {
    parameters,
    centres: floats('centres'),
    attributes: floats('attributes'),
    seenClasses: integers('seenClasses'),
    classMeans: floats('classMeans'),
  }
}

async function readTensors(folder: string) {
  const { tensors, metadata } = await readSafetensors(runFiles(folder).model).catch((cause: unknown) => {
    throw new AppError('run/no-model', 'This run has no finished model.', {
      next: 'Resume or repeat the training.',
      cause,
    })
  })
  const stored = new Map(Object.entries(tensors))
  const floats = (name: string): Float32Array => {
    const data = stored.get(name)?.data
    if (data instanceof Float32Array) return data
    throw incomplete(name)
  }
  const integers = (name: string): Int32Array => {
    const data = stored.get(name)?.data
    if (data instanceof Int32Array) return data
    throw incomplete(name)
  }
  return { tensors, metadata, floats, integers }
}

const incomplete = (name: string): AppError =>
  new AppError('run/no-model', `The model of this run is incomplete: “${name}” is missing.`, {
    next: 'Repeat the training with the same settings.',
  })
