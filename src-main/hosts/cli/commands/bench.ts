import type { Command } from 'commander'
import { deviceNameSchema, grouped, type DeviceName } from '../../../contract/index.ts'
import type { BenchReport, BenchSize } from '../../../core/devices/bench-step.ts'
import { createJobs } from '../../../core/jobs/jobs.ts'
import { nodeSpawnJob } from '../../node/spawn-job.ts'
import { asCancelled } from '../interruption.ts'
import { jobEntry } from '../places.ts'
import type { Shell } from '../shell.ts'

function reportText({ device, size, parameters, msPerStep, phases }: BenchReport): string {
  const milliseconds = (value: number): string => `${value.toPrecision(3)} ms`
  return [
    `${device}, C ${size.C}, B ${size.B}, K ${size.K}, D ${size.D}, H ${size.H}, G ${size.G}: ${grouped(parameters)} parameters`,
    `  ${milliseconds(msPerStep.median)} per step (${milliseconds(msPerStep.min)} to ${milliseconds(msPerStep.max)})`,
    ...Object.entries(phases).map(([phase, value]) => `  ${phase} ${milliseconds(value)}`),
  ].join('\n')
}

/** Without a workspace and in a process of its own, so that nothing else is measured and a crash of a driver is told. */
export function benchCommand(program: Command, shell: Shell): void {
  const { output, interruption } = shell
  program
    .command('bench')
    .description('measure how fast this machine computes')
    .command('step')
    .description('one training step on generated data, after warm-up')
    .addOption(shell.choice('--size <size>', 'how large', ['quick', 'paper']).default('quick'))
    .addOption(shell.choice('--device <device>', 'where to compute', deviceNameSchema.options).default('cpu'))
    .option('--json', 'print the result as one JSON object, on the last line of stdout')
    .action(async ({ size, device }: { size: BenchSize; device: DeviceName }) => {
      const jobs = createJobs({
        spawnJob: nodeSpawnJob(jobEntry),
        emit: (event) => event.type === 'job' && output.progress(event.job.message),
        log: () => undefined,
      })
      try {
        const job = jobs.run('bench', { size, device }, { kind: 'probe', title: `${size} step on ${device}` })
        const report = await interruption.during(() => job.cancel(), job.done).catch(asCancelled)
        output.result(report, reportText(report))
      } finally {
        await jobs.close()
      }
    })
}
