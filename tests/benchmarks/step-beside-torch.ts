import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'

/**
 * `node tests/benchmarks/step-beside-torch.ts`: one training step, ours and PyTorch's (tests/reference/torch_step.py),
 * in alternation, so that a machine that is slow for a while is slow for both. Needs Python with torch: `PYTHON` names it,
 * else it is `python3`. About 5 minutes.
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
// A step in the expanded form takes long: a third of the steps do.
const torch = (size: string, form: string) =>
  lastLine(process.env.PYTHON ?? 'python3', [
    'tests/reference/torch_step.py',
    '--size',
    size,
    '--form',
    form,
    '--steps',
    form === 'expanded' ? '30' : '100',
  ])

const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]

for (const size of ['quick', 'paper']) {
  const contenders = {
    ours: () => ours(size),
    factorised: () => torch(size, 'factorised'),
    expanded: () => torch(size, 'expanded'),
  }
  const medians: Record<string, number[]> = { ours: [], factorised: [], expanded: [] }
  const minima: Record<string, number[]> = { ours: [], factorised: [], expanded: [] }
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const { median, min } = run().msPerStep
      medians[name].push(median)
      minima[name].push(min)
    }
  }
  console.log(`${size}: ${rounds} runs of each in alternation, ms per step`)
  for (const name of Object.keys(contenders)) {
    const [median, fastest] = [middle(medians[name]), Math.min(...minima[name])]
    const range = `${Math.min(...medians[name]).toFixed(1)} to ${Math.max(...medians[name]).toFixed(1)}`
    const [usually, atBest] = [median / middle(medians.ours), fastest / Math.min(...minima.ours)]
    console.log(
      `  ${name.padEnd(11)} median of medians ${median.toFixed(1)} (${range}), ${usually.toFixed(2)} × ours;`,
      `fastest step ${fastest.toFixed(1)}, ${atBest.toFixed(2)} × ours`,
    )
  }
}
