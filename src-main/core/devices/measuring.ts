import { toWireError, type DeviceName, type DeviceReport } from '../../contract/index.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { deviceWords } from './choice.ts'
import { failed, leftOut } from './missing.ts'
import { unlessHung } from './watching.ts'

/** Seconds of silence after which a device counts as hung. CUDA may compile its kernels the first time, for minutes. */
const limits: Readonly<Record<DeviceName, number>> = {
  ...{ cpu: 60, webgpu: 60, directml: 60, coreml: 60 },
  ...{ cuda: 300, tensorflow: 300 },
}

/** Measures one device in a job of its own, which it may hang or take down. Rejects only with `job/cancelled`. */
export async function measureDevice(jobs: Jobs, device: DeviceName): Promise<DeviceReport> {
  const job = jobs.run('probe', { device }, { kind: 'probe', title: deviceWords[device] })
  try {
    return await unlessHung(device, job, limits[device])
  } catch (thrown) {
    const { code, message } = toWireError(thrown)
    if (code === 'job/cancelled') throw thrown
    if (code === 'device/hung')
      return leftOut(device, `When it was measured, it had not answered for ${limits[device]} seconds.`)
    if (code === 'job/died') return leftOut(device, `When it was measured, its process ended (${howItEnded(thrown)}).`)
    return failed(device, message)
  }
}

function howItEnded(thrown: unknown): string {
  const details = toWireError(thrown).details as { signal: string | null; exitCode: number | null } | undefined
  return details?.signal ?? `exit code ${details?.exitCode ?? 'unknown'}`
}
