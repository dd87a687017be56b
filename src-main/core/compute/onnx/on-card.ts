import { Tensor, type InferenceSession } from 'onnxruntime-node'
import { AppError } from '../../../contract/index.ts'
import type { NamedTensor, NamedTensors } from '../engine.ts'
import { gather, input, stopGradient } from '../expression.ts'
import { createSession, toTensors } from './session.ts'

const settings = { provider: 'webgpu', threads: null } as const

export interface TensorsOnCard {
  readonly tensors: Readonly<Record<string, Tensor>>
  release(): Promise<void>
}

/**
 * Copies tensors into the card's memory, where they stay until they are released. How large one may be is the adapter's
 * secret: a copy that is refused, or whose last row does not come back as it was, ends in `device/does-not-fit`.
 */
export async function putOnCard(given: NamedTensors): Promise<TensorsOnCard> {
  const names = Object.keys(given)
  if (names.length === 0) return { tensors: {}, release: () => Promise.resolve() }
  const inputs = names.map((name) => input(name, given[name].shape))
  const onCard = (name: string) => `${name} on the card`
  // Its buffers are the session's: it lives as long as they do.
  const session = await createSession(
    Object.fromEntries(inputs.map((x, at) => [onCard(names[at]), stopGradient(x)])),
    settings,
    { preferredOutputLocation: Object.fromEntries(names.map((name) => [onCard(name), 'gpu-buffer'])) },
  )
  const tensors: Record<string, Tensor> = {}
  const release = async (): Promise<void> => {
    for (const tensor of Object.values(tensors)) tensor.dispose()
    await session.release()
  }
  try {
    const copies = await session.run(toTensors(given))
    for (const name of names) tensors[name] = copies[onCard(name)]
    for (const name of names) await checkLastRow(tensors[name], given[name])
  } catch (cause) {
    await release()
    throw doesNotFit(given, cause)
  }
  return { tensors, release }
}

async function checkLastRow(tensor: Tensor, { data, shape }: NamedTensor): Promise<void> {
  const [rows, columns] = shape
  const last = gather(input('all', shape), input('numbers', [1], 'int64'))
  const reader: InferenceSession = await createSession({ last }, settings)
  try {
    const found = await reader.run({ all: tensor, ...toTensors({ numbers: { integers: [rows - 1] } }) })
    const expected = data.subarray((rows - 1) * columns)
    if ((found.last.data as Float32Array).some((value, at) => value !== expected[at])) {
      throw new Error('The last row is not what was written.')
    }
  } finally {
    await reader.release()
  }
}

function doesNotFit(given: NamedTensors, cause: unknown): AppError {
  const bytes = Object.values(given).reduce((total, { data }) => total + data.byteLength, 0)
  const megabytes = Math.ceil(bytes / 2 ** 20)
  return new AppError('device/does-not-fit', `The graphics card does not take ${megabytes} MB of data.`, {
    next: 'Choose the device “cpu”, which is always there.',
    cause,
  })
}
