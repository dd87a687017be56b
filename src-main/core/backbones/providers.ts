import type { DeviceReport } from '../../contract/index.ts'

/** Where onnxruntime can run a network, by its own names. */
export type Provider = 'cuda' | 'dml' | 'coreml' | 'webgpu' | 'cpu'

export const providerLabels: Readonly<Record<Provider, string>> = {
  cuda: 'the graphics card (CUDA)',
  dml: 'the graphics card (DirectML)',
  coreml: 'the graphics card (Core ML)',
  webgpu: 'the graphics card (WebGPU)',
  cpu: 'the processor',
}

const ofPlatform: Readonly<Partial<Record<NodeJS.Platform, readonly Provider[]>>> = {
  linux: ['cuda', 'webgpu'],
  win32: ['cuda', 'dml', 'webgpu'],
  darwin: ['coreml', 'webgpu'],
}

/**
 * What to try on this machine, best first; the last, the processor, is always there. A WebGPU adapter that is a program
 * (`note` says so) passes for a graphics card and would be slower than the processor.
 */
export function providersFor(devices: readonly DeviceReport[], platform = process.platform): Provider[] {
  const card = devices.some(({ name, available, note }) => name === 'webgpu' && available && note === null)
  const tried = ofPlatform[platform] ?? []
  return [...tried.filter((provider) => provider !== 'webgpu' || card), 'cpu']
}
