import { AppError, type DeviceName } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { createCpuEngine, createGpuEngine } from '../compute/onnx/engine.ts'

/** The engine of a device. That it is named does not mean that it works: probe it. */
export function createEngine(device: DeviceName): Engine {
  switch (device) {
    case 'cpu':
      return createCpuEngine()
    case 'webgpu':
      return createGpuEngine()
    case 'tensorflow':
      throw new AppError('device/not-installed', 'The device “tensorflow” is not installed.', {
        next: 'Choose “auto”, “cpu” or “webgpu”.',
      })
  }
}
