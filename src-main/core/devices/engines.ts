import { AppError, type DeviceName } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { createCpuEngine, createGpuEngine, createProviderEngine } from '../compute/onnx/engine.ts'
import { createTensorFlowEngine } from '../compute/tensorflow/index.ts'
import { enginesFolder } from './engines-folder.ts'
import { installedTensorFlow } from './tensorflow/index.ts'

/** The engine of a device. That it is named does not mean that it works: probe it. */
export function createEngine(device: DeviceName): Engine {
  switch (device) {
    case 'cpu':
      return createCpuEngine()
    case 'webgpu':
      return createGpuEngine()
    case 'cuda':
    case 'directml':
    case 'coreml':
      return createProviderEngine(device)
    case 'tensorflow':
      return createAddedEngine()
  }
}

/** TensorFlow, looked for at first use: until then nobody need have added it. Fails with `device/not-installed`. */
function createAddedEngine(): Engine {
  let opened: Promise<Engine> | undefined
  const open = (): Promise<Engine> => (opened ??= openTensorFlow())
  return {
    device: 'tensorflow',
    keepsData: true,
    trainer: async (...given) => (await open()).trainer(...given),
    program: async (...given) => (await open()).program(...given),
  }
}

async function openTensorFlow(): Promise<Engine> {
  const engines = enginesFolder()
  const installed = engines === null ? null : await installedTensorFlow(engines)
  if (installed !== null) return createTensorFlowEngine(installed.folder)
  throw new AppError('device/not-installed', 'The device “tensorflow” is not installed.', {
    next: 'Add it on the Devices page or with `unseen device add tensorflow`, or choose “auto”, “cpu” or “webgpu”.',
  })
}
