import { InferenceSession, Tensor } from 'onnxruntime-node'
import { AppError } from '../../../contract/index.ts'
import type { Expression } from '../expression.ts'
import type { Feeds, NamedTensors, Program } from '../engine.ts'
import { reasonOf } from './reason.ts'
import { serialise } from './serialise.ts'

export interface SessionSettings {
  /** onnxruntime's name for where it runs. */
  readonly provider: 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml'
  /** Threads inside one operation; null leaves it to onnxruntime. */
  readonly threads: number | null
}

/** One session for one graph. Errors of the runtime come out as AppErrors. */
export function createSession(
  outputs: Readonly<Record<string, Expression>>,
  settings: SessionSettings,
  more: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  return openSession(serialise(outputs), settings, more)
}

/** One session for the bytes of an .onnx file. */
export async function openSession(
  model: Uint8Array,
  { provider, threads }: SessionSettings,
  more: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      executionMode: 'sequential',
      logSeverityLevel: 3,
      ...(threads === null ? {} : { intraOpNumThreads: threads, interOpNumThreads: 1 }),
      // A node that quietly runs on the processor would copy its operands across at every step: make it an error.
      ...(provider === 'webgpu' ? { extra: { session: { disable_cpu_ep_fallback: '1' } } } : {}),
      // DirectML plans its memory by itself.
      ...(provider === 'dml' ? { enableMemPattern: false } : {}),
      ...more,
    })
  } catch (cause) {
    throw deviceError(provider, cause)
  }
}

export function deviceError(provider: SessionSettings['provider'], cause: unknown): AppError {
  const device = provider === 'dml' ? 'directml' : provider
  return new AppError('device/failed', `The device “${device}” could not do this: ${reasonOf(cause)}`, {
    next: 'Choose the device “cpu”, which is always there.',
    cause,
  })
}

export function toTensors(feeds: Feeds): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => [
      name,
      'integers' in feed
        ? new Tensor('int64', BigInt64Array.from(feed.integers, BigInt), [feed.integers.length])
        : new Tensor('float32', feed.data, feed.shape),
    ]),
  )
}

export function fromTensors(tensors: InferenceSession.OnnxValueMapType, names: readonly string[]): NamedTensors {
  return Object.fromEntries(
    names.map((name) => {
      const tensor = tensors[name]
      return [name, { data: tensor.data as Float32Array, shape: tensor.dims }]
    }),
  )
}

export async function createProgram(
  outputs: Readonly<Record<string, Expression>>,
  settings: SessionSettings,
): Promise<Program> {
  const session = await createSession(outputs, settings)
  const names = Object.keys(outputs)
  return {
    run: async (feeds) => {
      // A graph that does not use an input does not have it: the seam allows feeding more than is needed.
      const used = Object.fromEntries(Object.entries(feeds).filter(([name]) => session.inputNames.includes(name)))
      try {
        return fromTensors(await session.run(toTensors(used)), names)
      } catch (cause) {
        throw deviceError(settings.provider, cause)
      }
    },
    release: () => session.release(),
  }
}
