import type { DeviceReport } from '../../../src-main/contract/index.ts'

export type DeviceState = 'works' | 'missing' | 'wrong' | 'leftOut'

export interface DeviceRow {
  readonly report: DeviceReport
  readonly state: DeviceState
  /** Length of its bar, 0 to 1; null where it was not timed. */
  readonly share: number | null
  /** Its bar would be longer than there is room for. */
  readonly cut: boolean
  /** How many times as fast as the processor; below 1, slower. null where one of the two was not timed. */
  readonly speed: number | null
}

/** Beyond this many times the processor's step a bar is cut: a software renderer would leave nothing of the others. */
const longest = 3

export const stateOf = ({ available, leftOut, goldenError }: DeviceReport): DeviceState =>
  available ? 'works' : leftOut ? 'leftOut' : goldenError === null ? 'missing' : 'wrong'

/** The devices as they are shown: bars of one scale, in which the processor is the measure. */
export function deviceRows(reports: readonly DeviceReport[]): DeviceRow[] {
  const processor = reports.find(({ name }) => name === 'cpu')?.msPerStep ?? null
  const times = reports.flatMap(({ msPerStep }) => msPerStep ?? [])
  const scale = Math.min(Math.max(...times), longest * (processor ?? Infinity))
  return reports.map((report) => {
    const { msPerStep } = report
    return {
      report,
      state: stateOf(report),
      share: msPerStep === null ? null : Math.min(1, msPerStep / scale),
      cut: msPerStep !== null && msPerStep > scale,
      speed: msPerStep === null || processor === null ? null : processor / msPerStep,
    }
  })
}
