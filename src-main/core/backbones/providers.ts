import type { DeviceName, DeviceReport, Finding } from '../../contract/index.ts'
import { deviceWords } from '../devices/choice.ts'

/** Where onnxruntime can run a network. */
export type Provider = Exclude<DeviceName, 'tensorflow'>

/** A provider that was to run a network and could not. */
export interface FailedProvider {
  readonly provider: Provider
  readonly reason: string
}

/** Best first: a maker's or a system's own way knows its cards better than WebGPU does. */
const cards = ['cuda', 'directml', 'coreml', 'webgpu'] as const

/**
 * Where to run networks on this machine: the best card that was measured here and solved the known problem, and where there
 * is none, or it fails, the processor. A card with a `note` is a program that passes for one, slower than the processor.
 */
export function providersFor(devices: readonly DeviceReport[]): Provider[] {
  const trusted = devices.flatMap(({ name, available, note }) => (available && note === null ? [name] : []))
  const card = cards.find((one) => trusted.includes(one))
  return card === undefined ? ['cpu'] : [card, 'cpu']
}

/** What a person is told of each. */
export const failedFindings = (failed: readonly FailedProvider[]): Finding[] =>
  failed.map(({ provider, reason }) => {
    const words = deviceWords[provider]
    return {
      level: 'warning',
      code: 'backbone/device-failed',
      message: `${words[0].toUpperCase()}${words.slice(1)} could not run the network, so the processor did: ${reason}`,
    }
  })
