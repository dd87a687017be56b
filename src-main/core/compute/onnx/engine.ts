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
    trainer: (graph, initial) => createCpuTrainer(graph, initial, threads ?? (isSmallStep(graph) ? 1 : null)),
    program: (outputs) => createProgram(outputs, { provider: 'cpu', threads }),
  }
}

/** Multiplications of a step below which one thread is enough. */
const smallStep = 5e8

/**
 * A small step is over before a second thread has been of use, and on a busy machine one that waits for the other takes
 * twice as long; larger ones are left to onnxruntime. It follows from the graph alone, so that a training repeats.
 */
export function isSmallStep({ loss, parameters }: TrainingGraph): boolean {
  const needed = inOrder([loss, ...gradients(loss, parameters)])
  return needed.reduce((total, x) => total + multiplications(x), 0) < smallStep
}

/** Any vendor's graphics card, through onnxruntime's WebGPU provider. Fails with `device/failed` where there is none. */
export function createGpuEngine(): Engine {
  return {
    device: 'webgpu',
    trainer: (graph, initial) => createGpuTrainer(graph, initial),
    program: (outputs) => createProgram(outputs, { provider: 'webgpu', threads: null }),
  }
}
