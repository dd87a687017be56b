import { cpus, hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import {
  AppError,
  deviceReportSchema,
  type Backend,
  type DeviceChoice,
  type DeviceName,
  type DeviceReport,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { readJson, writeFileAtomic } from '../workspace/index.ts'
import { fastest } from './probe.ts'

const cacheSchema = z.object({ machine: z.string(), reports: z.array(deviceReportSchema) })
/** What was measured holds for this machine only; a workspace may be carried to another. */
const machine = (): string => `${hostname()} ${cpus()[0]?.model ?? ''} ${process.platform}`

const probed: readonly DeviceName[] = ['cpu', 'webgpu']

export interface DeviceCommands extends Pick<Backend, 'probeDevices' | 'addDevice' | 'removeDevice'> {
  list(): DeviceReport[]
  /** `auto` becomes the fastest device that works, measured now if it never was. */
  choose(choice: DeviceChoice): Promise<DeviceName>
}

export async function deviceCommands({ workspace, jobs, emit }: BackendContext): Promise<DeviceCommands> {
  const file = join(workspace.cache, 'devices.json')
  let reports = await readJson(file, cacheSchema).then(
    (cache) => (cache.machine === machine() ? cache.reports : []),
    () => [],
  )
  let running: Promise<DeviceReport[]> | null = null

  const probe = async (): Promise<DeviceReport[]> => {
    const found: DeviceReport[] = []
    for (const device of probed) {
      const job = jobs.run('probe', { device }, { kind: 'probe', title: device })
      found.push(await job.done.catch((thrown: unknown) => died(device, thrown)))
    }
    reports = [...found, notInstalled]
    emit({ type: 'devices', devices: reports })
    await writeFileAtomic(file, JSON.stringify({ machine: machine(), reports } satisfies z.infer<typeof cacheSchema>))
    return reports
  }
  const probeDevices = () => (running ??= probe().finally(() => (running = null)))

  return {
    list: () => reports,
    probeDevices,
    addDevice: () => Promise.reject(notInstallable()),
    removeDevice: () => Promise.reject(notInstallable()),
    choose: async (choice) =>
      choice === 'auto' ? fastest(reports.length > 0 ? reports : await probeDevices()) : choice,
  }
}

const notInstallable = (): AppError =>
  new AppError('device/not-installed', 'The device “tensorflow” cannot be installed by this version yet.')

const missing = (name: DeviceName, label: string, note: string): DeviceReport => ({
  name,
  label,
  note,
  next: null,
  available: false,
  leftOut: false,
  chosen: null,
  gflops: null,
  msPerStep: null,
  goldenError: null,
})

const notInstalled = missing('tensorflow', 'TensorFlow', 'Not installed.')

/** A driver that takes its process down is a device that does not work. */
function died(device: DeviceName, thrown: unknown): DeviceReport {
  return missing(device, device, `Measuring it failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
}
