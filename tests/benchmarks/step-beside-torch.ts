import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'

/**
 * `node tests/benchmarks/step-beside-torch.ts`: one training step, ours and PyTorch's (tests/reference/torch_step.py),
 * in alternation, so that a machine that is slow for a while is slow for both. Needs Python with torch. About 3 minutes.
 */
const root = resolve(import.meta.dirname, '../..')
const rounds = Number(process.argv[2] ?? 5)

const lastLine = (command: string, words: string[]): { msPerStep: { median: number; min: number; max: number } } => {
  const text = execFileSync(command, words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  return JSON.parse(text.trimEnd().slice(text.trimEnd().lastIndexOf('\n') + 1)) as ReturnType<typeof lastLine>
}
const ours = (size: string) =>
  lastLine(process.execPath, [
    join(root, 'out/main/cli.js'),
    'bench',
    'step',
    '--size',
    size,
    '--device',
    'cpu',
    '--json',
  ])
const torch = (size: string, form: string) =>
  lastLine('python3', ['tests/reference/torch_step.py', '--size', size, '--form', form])

const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]
const show = (values: number[]): string =>
  `${middle(values).toFixed(1)} (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})`

for (const size of ['quick', 'paper']) {
  const medians: Record<string, number[]> = { ours: [], factorised: [], expanded: [] }
  for (let round = 0; round < rounds; round++) {
    medians.ours.push(ours(size).msPerStep.median)
    medians.factorised.push(torch(size, 'factorised').msPerStep.median)
    // The expanded form takes long and its ratio is far from its bar: fewer rounds do.
    if (round < Math.ceil(rounds / 2)) medians.expanded.push(torch(size, 'expanded').msPerStep.median)
  }
  console.log(`${size}: medians of ${rounds} runs in alternation, ms per step (range of the runs' medians)`)
  for (const [name, values] of Object.entries(medians)) {
    const ratio = middle(values) / middle(medians.ours)
    console.log(`  ${name.padEnd(11)} ${show(values).padEnd(28)} ${ratio.toFixed(2)} × ours`)
  }
}
