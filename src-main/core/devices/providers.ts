import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { DeviceReport } from '../../contract/index.ts'
import type { ProviderDevice } from '../compute/onnx/engine.ts'
import { unmeasured } from './missing.ts'

/**
 * What onnxruntime's package has for whom, beside the processor and WebGPU: DirectML on Windows and Core ML on macOS come
 * with it; CUDA is for Linux on x64, and its library is a download of its own.
 */
function providerOf(platform: NodeJS.Platform, arch: string): ProviderDevice | null {
  if (platform === 'win32') return 'directml'
  if (platform === 'darwin') return 'coreml'
  return platform === 'linux' && arch === 'x64' ? 'cuda' : null
}

/** Where onnxruntime looks for its CUDA library: beside its own. */
function cudaLibrary(): string {
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node')
  return join(dirname(entry), '../bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so')
}

export interface ProviderDevices {
  /** That they are there does not mean that they work: they are measured. */
  readonly present: readonly ProviderDevice[]
  /** What this kind of machine could have. */
  readonly absent: readonly DeviceReport[]
}

export function providerDevices(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
  hasCuda = () => existsSync(cudaLibrary()),
): ProviderDevices {
  const provider = providerOf(platform, arch)
  if (provider === null) return { present: [], absent: [] }
  return provider === 'cuda' && !hasCuda()
    ? { present: [], absent: [cudaNotInstalled] }
    : { present: [provider], absent: [] }
}

const cudaNotInstalled: DeviceReport = {
  ...unmeasured('cuda'),
  note: 'onnxruntime’s library for CUDA is not installed; an NVIDIA card works through WebGPU without it.',
  next: 'If this machine has an NVIDIA card, run “ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node” where Unseen is installed, then start it again.',
}
