import { cpus } from 'node:os'
import { deviceNameSchema, toWireError, type DeviceName, type DeviceReport } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { input, matMul } from '../compute/expression.ts'
import { checkGolden, goldenTolerance, parseGoldenProblem } from '../golden/check.ts'
import type { Task } from '../jobs/task.ts'
import { benchStep } from './bench-step.ts'
import { createEngine } from './engines.ts'
import probeProblem from './probe-problem.json' with { type: 'json' }

/** A software renderer passes for a graphics card; a product this slow gives it away before the probe gets long. */
const slowProduct = 500 // ms

/** One device measured: does it solve a problem whose answers are known, and how fast is it? Never throws. */
export async function probeDevice(device: DeviceName): Promise<DeviceReport> {
  const report: DeviceReport = {
    name: device,
    label:
      device === 'cpu'
        ? (cpus()[0]?.model.trim() ?? 'processor')
        : device === 'webgpu'
          ? 'graphics card (WebGPU)'
          : 'TensorFlow',
    available: false,
    note: null,
    next: null,
    leftOut: false,
    chosen: null,
    gflops: null,
    msPerStep: null,
    goldenError: null,
  }
  try {
    const engine = createEngine(device)
    const errors = await checkGolden(parseGoldenProblem(probeProblem), engine)
    const goldenError = Math.max(errors.forward, errors.gradients, errors.adam, errors.evaluation ?? 0)
    if (!(goldenError <= goldenTolerance)) {
      return { ...report, goldenError, note: 'It gets a known problem wrong, so it is not used.' }
    }
    const product = await timeProduct(engine)
    const slow = product.milliseconds > slowProduct
    const { msPerStep } = await benchStep(engine, 'quick', slow ? { steps: 1, warmUp: 1 } : { steps: 30, warmUp: 10 })
    return {
      ...report,
      available: true,
      goldenError,
      gflops: product.gflops,
      msPerStep: msPerStep.median,
      note: slow && device === 'webgpu' ? 'It works, but as slowly as a software renderer.' : null,
    }
  } catch (thrown) {
    return { ...report, note: missingBecause(device, toWireError(thrown).message) }
  }
}

function missingBecause(device: DeviceName, message: string): string {
  if (device === 'webgpu' && /adapter/i.test(message)) return 'No graphics card (or no driver for it) was found.'
  return message
}

async function timeProduct(engine: Engine): Promise<{ gflops: number; milliseconds: number }> {
  const [M, K, N] = [512, 2048, 1024]
  const program = await engine.program({ product: matMul(input('left', [M, K]), input('right', [K, N])) })
  const feeds = {
    left: { data: new Float32Array(M * K).fill(0.5), shape: [M, K] },
    right: { data: new Float32Array(K * N).fill(0.25), shape: [K, N] },
  }
  await program.run(feeds)
  let best = Infinity
  for (let i = 0; i < 5 && (i === 0 || best < slowProduct); i++) {
    const start = performance.now()
    await program.run(feeds)
    best = Math.min(best, performance.now() - start)
  }
  await program.release()
  return { gflops: (2 * M * K * N) / best / 1e6, milliseconds: best }
}

/** Of the devices that work, the one with the shortest training step. */
export function fastest(reports: readonly DeviceReport[]): DeviceName {
  const working = reports.filter(({ available, msPerStep }) => available && msPerStep !== null)
  working.sort((a, b) => a.msPerStep! - b.msPerStep!)
  return working[0]?.name ?? 'cpu'
}

/** One device, in a process of its own: a driver that aborts takes only this probe with it. */
export const probeTask: Task<{ device: DeviceName }, DeviceReport> = {
  run: async ({ device }, { report }) => {
    report({ progress: null, message: `Measuring ${device}`, secondsLeft: null })
    return probeDevice(deviceNameSchema.parse(device))
  },
}
