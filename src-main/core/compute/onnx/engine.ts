import type { Engine, TrainingGraph } from '../engine.ts'
import { inOrder, multiplications } from '../expression.ts'
import { gradients } from '../gradients.ts'
import { createCpuTrainer } from './cpu-trainer.ts'
import { createGpuTrainer } from './gpu-trainer.ts'
import { createProgram } from './session.ts'

/** The processor, through onnxruntime: always there. `threads` null: as many as onnxruntime sees fit. */
export function createCpuEngine(threads: number | null = null): Engine {
  return {
    device: 'cpu',
    keepsData: false,
    trainer: (graph, initial, kept = {}) => createCpuTrainer(graph, initial, kept, threads),
    program: (outputs) => createProgram(outputs, { provider: 'cpu', threads }),
  }
}

const smallStep = 5e8

/**
 * Whether a step has so few multiplications that a second thread hardly shortens it: then several trainings side by side,
 * of one thread each, get more out of the machine than one that has it all.
 */
export function isSmallStep({ loss, parameters }: TrainingGraph): boolean {
  const needed = inOrder([loss, ...gradients(loss, parameters)])
  return needed.reduce((total, x) => total + multiplications(x), 0) < smallStep
}

/** Any vendor's graphics card, through onnxruntime's WebGPU provider. Fails with `device/failed` where there is none. */
export function createGpuEngine(): Engine {
  return {
    device: 'webgpu',
    keepsData: true,
    trainer: createGpuTrainer,
    program: (outputs) => createProgram(outputs, { provider: 'webgpu', threads: null }),
  }
}
