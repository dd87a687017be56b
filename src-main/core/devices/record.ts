import { hostname } from 'node:os'
import { z } from 'zod'
import { deviceNameSchema, deviceReportSchema, type DeviceName, type DeviceReport } from '../../contract/index.ts'
import { readJson, writeFileAtomic } from '../workspace/index.ts'
import { thisMachine } from './machine.ts'
import { leftOut } from './missing.ts'

const recordSchema = z.object({
  machine: z.string(),
  reports: z.array(deviceReportSchema),
  /** Being measured. Whoever finds one here knows that the last who tried did not come back to say how it went. */
  trying: deviceNameSchema.nullable().default(null),
})

/** What was measured holds for this machine only; a workspace may be carried to another. */
const machine = (): string => `${hostname()} ${thisMachine().processor} ${process.platform}`

/** What an earlier session found out about this machine's devices; nothing where there is no such file. */
export async function readReports(file: string): Promise<DeviceReport[]> {
  const record = await readJson(file, recordSchema).catch(() => null)
  if (record === null || record.machine !== machine()) return []
  const { reports, trying } = record
  if (trying === null) return reports
  return [
    ...reports.filter(({ name }) => name !== trying),
    leftOut(trying, 'Unseen, or the whole machine, ended while it was measured.'),
  ]
}

export const writeReports = (file: string, reports: DeviceReport[], trying: DeviceName | null): Promise<void> =>
  writeFileAtomic(file, JSON.stringify({ machine: machine(), reports, trying } satisfies z.infer<typeof recordSchema>))
