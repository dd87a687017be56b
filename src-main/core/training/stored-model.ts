import { AppError } from '../../contract/index.ts'
import type { Model } from '../inference/scorer.ts'
import { readSafetensors, writeSafetensors } from '../workspace/index.ts'
import type { EszslModel } from './eszsl.ts'
import { runFiles } from './run-folder.ts'

const parameterPrefix = 'parameter '

export async function writeModel(folder: string, model: Model): Promise<void> {
  const { parameters, centres, attributes, seenClasses, classMeans } = model
  const [S, K] = [seenClasses.length, centres.length / countCentres(model)]
  await writeSafetensors(runFiles(folder).model, {
    ...Object.fromEntries(Object.entries(parameters).map(([name, tensor]) => [parameterPrefix + name, tensor])),
    centres: { data: centres, shape: [centres.length / K, K] },
    attributes: { data: attributes, shape: [attributes.length / K, K] },
    seenClasses: { data: seenClasses, shape: [S] },
    classMeans: { data: classMeans, shape: [S, classMeans.length / S] },
  })
}

export async function writeEszslModel(folder: string, { weights, attributes }: EszslModel, K: number): Promise<void> {
  await writeSafetensors(runFiles(folder).model, {
    weights: { data: weights, shape: [K, weights.length / K] },
    attributes: { data: attributes, shape: [attributes.length / K, K] },
  })
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
  const { tensors, floats } = await readTensors(folder)
  const seen = new Map(Object.entries(tensors)).get('seenClasses')?.data
  if (!(seen instanceof Int32Array)) throw incomplete('seenClasses')
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
    seenClasses: seen,
    classMeans: floats('classMeans'),
  }
}

async function readTensors(folder: string) {
  const { tensors } = await readSafetensors(runFiles(folder).model).catch((cause: unknown) => {
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
  return { tensors, floats }
}

const incomplete = (name: string): AppError =>
  new AppError('run/no-model', `The model of this run is incomplete: “${name}” is missing.`, {
    next: 'Repeat the training with the same settings.',
  })
