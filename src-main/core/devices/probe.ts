import { toWireError, type DeviceName, type DeviceReport } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { input, matMul } from '../compute/expression.ts'
import { checkGolden, goldenTolerance, parseGoldenProblem } from '../golden/check.ts'
import type { Task } from '../jobs/task.ts'
import { benchStep } from './bench-step.ts'
import { deviceWords } from './choice.ts'
import { createEngine } from './engines.ts'
import { failed, installDriver, remedies, unmeasured } from './missing.ts'
import probeProblem from './probe-problem.json' with { type: 'json' }

/** A software renderer passes for a graphics card; a product this slow gives it away before the probe gets long. */
const slowProduct = 500 // ms

/** One device measured: does it solve a problem whose answers are known, and how fast is it? Never throws. */
export async function probeDevice(device: DeviceName): Promise<DeviceReport> {
  try {
    const engine = createEngine(device)
    const errors = await checkGolden(parseGoldenProblem(probeProblem), engine)
    const goldenError = Math.max(errors.forward, errors.gradients, errors.adam, errors.evaluation ?? 0)
    if (!(goldenError <= goldenTolerance)) {
      const note = `It gets a known problem wrong (error ${goldenError.toExponential(0)}, allowed is ${goldenTolerance}), so it is not used.`
      // JSON knows no NaN and no infinity.
      return { ...unmeasured(device), goldenError: finite(goldenError), note, next: remedies[device] }
    }
    const product = await timeProduct(engine)
    const slow = product.milliseconds > slowProduct
    const { msPerStep } = await benchStep(engine, 'quick', slow ? { steps: 1, warmUp: 1 } : { steps: 30, warmUp: 10 })
    const software = slow && device === 'webgpu'
    return {
      ...unmeasured(device),
      available: true,
      goldenError,
      gflops: product.gflops,
      msPerStep: msPerStep.median,
      note: software ? 'It works, but as slowly as a software renderer.' : null,
      next: software ? installDriver() : null,
    }
  } catch (thrown) {
    return failed(device, toWireError(thrown).message)
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

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

/** One device, in a process of its own: a driver that aborts takes only this probe with it. */
export const probeTask: Task<{ device: DeviceName }, DeviceReport> = {
  run: ({ device }, { report }) => {
    report({ progress: null, message: `Measuring ${deviceWords[device]}`, secondsLeft: null })
    return probeDevice(device)
  },
}
