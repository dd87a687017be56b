import { join } from 'node:path'
import {
  AppError,
  toWireError,
  type Backend,
  type DeviceChoice,
  type DeviceName,
  type DeviceReport,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { addedEngine } from './added.ts'
import { chooseDevice, withChoice } from './choice.ts'
import { measureDevice } from './measuring.ts'
import { leftOut, notInstalled } from './missing.ts'
import { providerDevices } from './providers.ts'
import { readReports, writeReports } from './record.ts'
import { unlessHung } from './watching.ts'

export interface DeviceCommands extends Pick<Backend, 'probeDevices' | 'addDevice' | 'removeDevice'> {
  list(): DeviceReport[]
  /** What is known of the devices; what never was measured is measured now, and nothing else. */
  measured(): Promise<DeviceReport[]>
  /** `auto` becomes the fastest device that works. */
  choose(choice: DeviceChoice): Promise<DeviceName>
  /**
   * What a job on a device comes to. Where its process dies (`job/died`) or hangs, and is ended then (`device/hung`), the
   * device is left out from then on, until somebody has it measured again.
   */
  watch<T>(device: DeviceName, job: RunningJob<T>): Promise<T>
  /** Resolves when nothing is being written any more. */
  close(): Promise<void>
}

export async function deviceCommands({ workspace, jobs, grants, emit, log }: BackendContext): Promise<DeviceCommands> {
  const file = join(workspace.cache, 'devices.json')
  const known = new Map((await readReports(file)).map((report) => [report.name, report]))
  const tensorFlow = addedEngine(jobs)
  await tensorFlow.look()
  const providers = providerDevices()
  const present = (): DeviceName[] => [
    ...(['cpu', 'webgpu'] as const),
    ...providers.present,
    ...(tensorFlow.present() ? (['tensorflow'] as const) : []),
  ]
  const list = (): DeviceReport[] => {
    if (known.size === 0) return []
    const reports = present().flatMap((name) => known.get(name) ?? [])
    return withChoice([...reports, ...providers.absent, ...(tensorFlow.present() ? [] : [notInstalled])])
  }

  /** Nobody need wait for it: what cannot be written is measured again another day. */
  const keep = (trying: DeviceName | null): Promise<void> =>
    writeReports(file, [...known.values()], trying).catch((thrown: unknown) => log(`devices.json: ${String(thrown)}`))
  const settle = async (): Promise<void> => {
    await keep(null)
    emit({ type: 'devices', devices: list() })
  }
  const learn = (report: DeviceReport): Promise<void> => {
    known.set(report.name, report.name === 'tensorflow' ? tensorFlow.describe(report) : report)
    return settle()
  }

  const measure = async (wanted: () => readonly DeviceName[]): Promise<DeviceReport[]> => {
    for (const device of wanted()) {
      await keep(device)
      try {
        await learn(await measureDevice(jobs, device))
      } catch (cancelled) {
        await keep(null)
        throw cancelled
      }
    }
    return list()
  }

  /** One after the other: two devices measured at once would both look slow. */
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = (wanted: () => readonly DeviceName[]): Promise<DeviceReport[]> => {
    const mine = last.then(() => measure(wanted))
    last = mine.catch(() => undefined)
    return mine
  }
  const unknown = (): DeviceName[] => present().filter((name) => !known.has(name))
  const measured = (): Promise<DeviceReport[]> => (unknown().length === 0 ? Promise.resolve(list()) : inTurn(unknown))
  let asked: Promise<DeviceReport[]> | null = null

  return {
    list,
    measured,
    probeDevices: () =>
      (asked ??= tensorFlow
        .look()
        .then(() => inTurn(present))
        .finally(() => (asked = null))),
    choose: async (choice) => (choice === 'auto' ? chooseDevice(await measured()).device : choice),

    watch: async (device, job) => {
      if (device === 'cpu') return job.done
      try {
        return await unlessHung(device, job)
      } catch (thrown) {
        const { code, message } = toWireError(thrown)
        if (code === 'job/died') await learn(leftOut(device, 'The process that worked on it ended by itself.'))
        if (code === 'device/hung') await learn(leftOut(device, message))
        throw thrown
      }
    },

    addDevice: async ({ cuda = false, wheels = null }) => {
      await tensorFlow.add({ cuda, wheels: wheels === null ? null : grants.resolve(wheels) })
      known.delete('tensorflow')
      const reports = await measured()
      const { available, note, next } = reports.find(({ name }) => name === 'tensorflow')!
      if (available) return reports
      throw new AppError('device/does-not-work', `TensorFlow was added, but does not work here: ${note}`, {
        ...(next === null ? {} : { next }),
      })
    },
    removeDevice: async () => {
      await tensorFlow.remove()
      known.delete('tensorflow')
      await settle()
      return list()
    },
    close: () => last.then(() => undefined),
  }
}
