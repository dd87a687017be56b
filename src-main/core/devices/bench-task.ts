import type { DeviceName } from '../../contract/index.ts'
import type { Task } from '../jobs/task.ts'
import { benchStep, type BenchReport, type BenchSize } from './bench-step.ts'
import { createEngine } from './engines.ts'

/** A training step timed in a process of its own. */
export const benchTask: Task<{ size: BenchSize; device: DeviceName }, BenchReport> = {
  run: ({ size, device }, { report }) => {
    report({ progress: null, message: `Timing a ${size} step on ${device}`, secondsLeft: null })
    return benchStep(createEngine(device), size)
  },
}
