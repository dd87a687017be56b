import { toWireError, type DeviceName, type DeviceReport } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import { input, matMul } from '../compute/expression.ts'
import { goldenTolerance } from '../golden/check.ts'
import type { Task } from '../jobs/task.ts'
import { benchStep } from './bench-step.ts'
import { deviceWords } from './choice.ts'
import { createEngine } from './engines.ts'
import { knownProblemError } from './known-problem.ts'
import { failed, installDriver, remedies, unmeasured } from './missing.ts'

/** A software renderer passes for a graphics card. This slow, in GFLOP/s, no card is; the rest would take it minutes. */
const slowest = 4

/** One device measured: does it solve a problem whose answers are known, and how fast is it? Never throws. */
export async function probeDevice(device: DeviceName): Promise<DeviceReport> {
  try {
    const engine = createEngine(device)
    const goldenError = await knownProblemError(engine)
    if (!(goldenError <= goldenTolerance)) {
      const note = `It gets a known problem wrong (error ${goldenError.toExponential(0)}, allowed is ${goldenTolerance}), so it is not used.`
      // JSON knows no NaN and no infinity.
      return { ...unmeasured(device), goldenError: finite(goldenError), note, next: remedies[device] }
    }
    const gflops = await timeProducts(engine)
    if ((device === 'webgpu' || device === 'directml') && gflops < slowest) {
      const note = 'It works, but as slowly as a software renderer, so that its step was not timed.'
      return { ...unmeasured(device), available: true, goldenError, gflops, note, next: installDriver() }
    }
    const { msPerStep } = await benchStep(engine, 'quick', { steps: 30, warmUp: 10 })
    return { ...unmeasured(device), available: true, goldenError, gflops, msPerStep: msPerStep.median }
  } catch (thrown) {
    return failed(device, toWireError(thrown).message)
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)

/** GFLOP/s of a product of matrices; of a small one where that tells already that the device is slow. */
async function timeProducts(engine: Engine): Promise<number> {
  const small = await timeProduct(engine, [128, 1024, 512])
  return small < slowest ? small : timeProduct(engine, [512, 2048, 1024])
}

async function timeProduct(engine: Engine, [M, K, N]: readonly [number, number, number]): Promise<number> {
  const program = await engine.program({ product: matMul(input('left', [M, K]), input('right', [K, N])) })
  const feeds = {
    left: { data: new Float32Array(M * K).fill(0.5), shape: [M, K] },
    right: { data: new Float32Array(K * N).fill(0.25), shape: [K, N] },
  }
  await program.run(feeds)
  const gigaOperations = (2 * M * K * N) / 1e9
  let best = 0
  for (let i = 0; i < 5 && (i === 0 || best > slowest); i++) {
    const start = performance.now()
    await program.run(feeds)
    best = Math.max(best, (1000 * gigaOperations) / (performance.now() - start))
  }
  await program.release()
  return best
}

/** One device, in a process of its own: a driver that aborts takes only this probe with it. */
export const probeTask: Task<{ device: DeviceName }, DeviceReport> = {
  run: ({ device }, { report }) => {
    report({ progress: null, message: `Measuring ${deviceWords[device]}`, secondsLeft: null })
    return probeDevice(device)
  },
}
