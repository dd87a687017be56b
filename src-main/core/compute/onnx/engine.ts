import type { DeviceName } from '../../../contract/index.ts'
import type { Engine, TrainingGraph } from '../engine.ts'
import { inOrder, input, multiplications, stopGradient } from '../expression.ts'
import { gradients } from '../gradients.ts'
import { createHostTrainer } from './host-trainer.ts'
import { createGpuTrainer } from './gpu-trainer.ts'
import { createProgram, createSession, type SessionSettings } from './session.ts'

/** The processor, through onnxruntime: always there. `threads` null: as many as onnxruntime sees fit. */
export const createCpuEngine = (threads: number | null = null): Engine =>
  createHostEngine('cpu', { provider: 'cpu', threads })

/** State in this process's memory, whoever computes. */
const createHostEngine = (device: DeviceName, settings: SessionSettings): Engine => ({
  device,
  keepsData: false,
  trainer: (graph, initial, kept = {}) => createHostTrainer(graph, initial, kept, settings),
  program: (outputs) => createProgram(outputs, settings),
})

const smallStep = 5e8

/**
 * Whether a step has so few multiplications that a second thread hardly shortens it: then several trainings side by side,
 * of one thread each, get more out of the machine than one that has it all.
 */
export function isSmallStep({ loss, parameters }: TrainingGraph): boolean {
  const needed = inOrder([loss, ...gradients(loss, parameters)])
  return needed.reduce((total, x) => total + multiplications(x), 0) < smallStep
}

/** Whether the compiled programs of this process are being kept. */
let keeping: Promise<unknown> | null = null

/**
 * With the last session onnxruntime gives the card back, and forgets every program that it compiled for it: a training
 * would compile all of them again for each of its phases. So one session stays as long as the process.
 */
async function keepPrograms(): Promise<void> {
  keeping ??= createSession({ kept: stopGradient(input('given', [1])) }, { provider: 'webgpu', threads: null })
  await keeping.catch((thrown: unknown) => {
    keeping = null
    throw thrown
  })
}

/** Any vendor's graphics card, through onnxruntime's WebGPU provider. Fails with `device/failed` where there is none. */
export function createGpuEngine(): Engine {
  return {
    device: 'webgpu',
    keepsData: true,
    trainer: async (...given) => {
      await keepPrograms()
      return createGpuTrainer(...given)
    },
    program: async (outputs) => {
      await keepPrograms()
      return createProgram(outputs, { provider: 'webgpu', threads: null })
    },
  }
}

/** onnxruntime's own ways to one maker's or one system's cards. */
export type ProviderDevice = Extract<DeviceName, 'cuda' | 'directml' | 'coreml'>

const providers = { cuda: 'cuda', directml: 'dml', coreml: 'coreml' } as const

/**
 * A card through such a provider. Its memory cannot be held on to: onnxruntime's binding for Node takes and gives buffers
 * of WebGPU only. So at every step parameters and rows go there and gradients come back, which is a third of the way that
 * Adam's moments would make too, and Adam is the processor's. What a provider lacks runs on the processor. Fails with
 * `device/failed` where the provider is not in this build, or finds no card.
 */
export const createProviderEngine = (device: ProviderDevice): Engine =>
  createHostEngine(device, { provider: providers[device], threads: null })
