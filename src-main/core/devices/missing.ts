import type { DeviceName, DeviceReport } from '../../contract/index.ts'
import { thisMachine } from './machine.ts'

/** A device of which nothing is known yet. */
export const unmeasured = (name: DeviceName): DeviceReport => ({
  name,
  label: labels[name](),
  available: false,
  note: null,
  next: null,
  leftOut: false,
  removable: false,
  chosen: null,
  gflops: null,
  msPerStep: null,
  goldenError: null,
})

const labels: Readonly<Record<DeviceName, () => string>> = {
  cpu: () => thisMachine().processor,
  webgpu: () => 'Graphics card (WebGPU)',
  cuda: () => 'Graphics card (CUDA)',
  directml: () => 'Graphics card (DirectML)',
  coreml: () => 'Graphics card (Core ML)',
  tensorflow: () => 'TensorFlow',
}

export const notInstalled: DeviceReport = {
  ...unmeasured('tensorflow'),
  note: 'Not installed.',
  next: 'Add it on the Devices page or with “unseen device add tensorflow”: trainings can then run on TensorFlow.',
}

/** A device that failed in a way that a process can tell: what it was, and what may help. */
export function failed(name: DeviceName, message: string): DeviceReport {
  const noAdapter = name === 'webgpu' && /adapter/i.test(message)
  return {
    ...unmeasured(name),
    note: noAdapter ? 'No graphics card, or no driver for it, was found.' : message,
    next: noAdapter ? installDriver() : remedies[name],
  }
}

/** A device that hung or ended a process: not tried again until somebody wishes it. */
export const leftOut = (name: DeviceName, what: string): DeviceReport => ({
  ...unmeasured(name),
  leftOut: true,
  note: `${what} It is left out until it is measured again.`,
  next: remedies[name],
})

const newestDriver = 'Install the newest driver of the graphics card, then measure again.'

/** What may help against a device that is there and does not do what it should. */
export const remedies: Readonly<Record<DeviceName, string>> = {
  cpu: 'Close other programs, memory may be short, then measure again.',
  webgpu: newestDriver,
  cuda: 'Install the newest NVIDIA driver, CUDA 12 and cuDNN 9, then measure again.',
  directml: newestDriver,
  coreml: 'Install the newest version of macOS, then measure again.',
  tensorflow: 'Measure again; if that does not help, remove it and add it anew.',
}

export function installDriver(platform = process.platform): string {
  const driver =
    platform === 'linux' ? 'its Vulkan driver and the Vulkan loader (libvulkan1)' : 'the newest driver of its maker'
  return `If this machine has one, install ${driver}, then measure again. Without one the processor does everything.`
}
