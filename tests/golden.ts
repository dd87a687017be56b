import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { createTensorFlowEngine } from '../src-main/core/compute/tensorflow/index.ts'
import { createEngine } from '../src-main/core/devices/engines.ts'
import { installedTensorFlow } from '../src-main/core/devices/tensorflow/index.ts'
import { checkGolden, goldenTolerance, parseGoldenProblem } from '../src-main/core/golden/check.ts'
import { AppError } from '../src-main/contract/index.ts'

/**
 * `npm run golden -- FILE…`: checks golden files on each device that is there, its steps fed as trainings on it are; exit 1
 * above the tolerance.
 */
const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('Usage: npm run golden -- FILE…')
  process.exit(2)
}

const line = (...cells: string[]): void =>
  console.log(cells.map((cell, at) => (at === 0 ? cell.padEnd(28) : cell.padStart(11))).join(' '))
const show = (error: number | null): string => (error === null ? '–' : error.toExponential(1))

const engines = [createEngine('cpu'), createEngine('webgpu')]
const tensorFlow = await installedTensorFlow(process.env.UNSEEN_TEST_ENGINES ?? process.env.UNSEEN_ENGINES ?? '')
if (tensorFlow === null) console.log('tensorflow: not installed in $UNSEEN_ENGINES, skipped')
else engines.push(createTensorFlowEngine(tensorFlow.folder))

let failed = 0
for (const engine of engines) {
  const { device } = engine
  line(device, 'forward', 'gradients', '3 steps', 'evaluation')
  for (const file of files) {
    try {
      const problem = parseGoldenProblem(JSON.parse(await readFile(file, 'utf8')))
      const { forward, gradients, adam, evaluation } = await checkGolden(problem, engine)
      const all = [forward, gradients, adam, evaluation ?? 0]
      const passed = all.every((error) => error <= goldenTolerance)
      if (!passed) failed += 1
      line(basename(file), show(forward), show(gradients), show(adam), show(evaluation), passed ? 'ok' : 'FAILED')
    } catch (thrown) {
      // No adapter is no failure: the device is not there. Everything else is.
      if (device === 'webgpu' && thrown instanceof AppError && /adapter/i.test(thrown.message)) {
        console.log('webgpu: not available here (no adapter), skipped')
        break
      }
      failed += 1
      console.log(`${basename(file)}: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    }
  }
}
// A graphics driver's threads would keep the process alive.
process.exit(failed > 0 ? 1 : 0)
