import type { Engine } from '../engine.ts'
import { createCpuTrainer } from './cpu-trainer.ts'
import { createGpuTrainer } from './gpu-trainer.ts'
import { createProgram } from './session.ts'

/** The processor, through onnxruntime: always there. `threads` null: as many as onnxruntime sees fit. */
export function createCpuEngine(threads: number | null = null): Engine {
  return {
    device: 'cpu',
    trainer: (graph, initial) => createCpuTrainer(graph, initial, threads),
    program: (outputs) => createProgram(outputs, { provider: 'cpu', threads }),
  }
}

/** Any vendor's graphics card, through onnxruntime's WebGPU provider. Fails with `device/failed` where there is none. */
export function createGpuEngine(): Engine {
  return {
    device: 'webgpu',
    trainer: (graph, initial) => createGpuTrainer(graph, initial),
    program: (outputs) => createProgram(outputs, { provider: 'webgpu', threads: null }),
  }
}
