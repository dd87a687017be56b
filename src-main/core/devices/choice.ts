import type { DeviceName, DeviceReport } from '../../contract/index.ts'

/** As they are called inside a sentence. */
export const deviceWords: Readonly<Record<DeviceName, string>> = {
  cpu: 'the processor',
  webgpu: 'the graphics card (WebGPU)',
  cuda: 'the graphics card (CUDA)',
  directml: 'the graphics card (DirectML)',
  coreml: 'the graphics card (Core ML)',
  tensorflow: 'TensorFlow',
}

const pace = (msPerStep: number): string => `${msPerStep.toPrecision(msPerStep < 100 ? 2 : 3)} ms per step`

/** Of the devices that work, the one with the shortest training step; the processor where nothing is known. */
export function chooseDevice(reports: readonly DeviceReport[]): { device: DeviceName; reason: string } {
  const working = reports.flatMap(({ name, available, msPerStep }) =>
    available && msPerStep !== null ? [{ name, msPerStep }] : [],
  )
  const best = working.sort((a, b) => a.msPerStep - b.msPerStep).shift()
  if (best === undefined) return { device: 'cpu', reason: 'Chosen by auto: nothing else works here.' }
  const other = working.find(({ name }) => name === 'cpu') ?? working.at(0)
  const beside =
    other === undefined
      ? 'the only device that could be timed'
      : `${(other.msPerStep / best.msPerStep).toFixed(1)} times as fast as ${deviceWords[other.name]}`
  return { device: best.name, reason: `Chosen by auto: ${pace(best.msPerStep)}, ${beside}.` }
}

/** The same reports, the chosen one with the reason. */
export function withChoice(reports: readonly DeviceReport[]): DeviceReport[] {
  const { device, reason } = chooseDevice(reports)
  return reports.map((report) => ({ ...report, chosen: report.name === device ? reason : null }))
}
