import type { DeviceReport } from '../../contract/index.ts'

function figures({ gflops, msPerStep, goldenError }: DeviceReport, processor: number | null): string {
  return [
    msPerStep === null ? null : `${msPerStep.toPrecision(3)} ms per quick step`,
    msPerStep === null || processor === null || msPerStep === processor
      ? null
      : `${(processor / msPerStep).toPrecision(2)} times the processor’s speed`,
    gflops === null ? null : `${gflops < 10 ? gflops.toPrecision(2) : gflops.toFixed(0)} GFLOP/s`,
    goldenError === null ? null : `error ${goldenError.toExponential(1)}`,
  ]
    .filter((part) => part !== null)
    .join(', ')
}

function stateOf({ available, leftOut, goldenError }: DeviceReport): string {
  if (available) return '✓ works'
  if (leftOut) return '▲ left out'
  return goldenError === null ? '○ not there' : '✕ wrong answers'
}

/** The devices as the Devices page tells them: figures, what is amiss, what to do, and the one that `auto` takes. */
export function deviceLines(reports: readonly DeviceReport[]): string[] {
  const processor = reports.find(({ name }) => name === 'cpu')?.msPerStep ?? null
  return reports.flatMap((report) => [
    `${report.name.padEnd(10)} ${stateOf(report)} ${[report.label, figures(report, processor)].filter((part) => part !== '').join(': ')}`,
    ...[report.note, report.next, report.chosen].filter((line) => line !== null).map((line) => `             ${line}`),
  ])
}
