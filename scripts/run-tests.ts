import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { electronProgram } from '../src-main/hosts/cli/desktop.ts'
import { provideBrowser } from './browser.ts'
import { ensureBuilt } from './build.ts'
import { softwareAdapter } from './software-adapter.ts'

/** What a suite found; a step without cases of its own (types, lint) counts as one. */
interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}
const passed: Counts = { passed: 1, failed: 0, skipped: 0 }
const failed: Counts = { passed: 0, failed: 1, skipped: 0 }
const skipped: Counts = { passed: 0, failed: 0, skipped: 1 }

const root = resolve(import.meta.dirname, '..')
const reports = mkdtempSync(join(tmpdir(), 'unseen-tests-'))
const adapter = softwareAdapter()
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  ...adapter,
  // Some hundred processes start from the sources: what Node makes of these is kept from one to the next.
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'),
}

const windows = process.platform === 'win32'

function execute(command: string, words: readonly string[], more: NodeJS.ProcessEnv = {}): boolean {
  const { status } = spawnSync(command, words, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...environment, ...more },
    shell: windows,
  })
  return status === 0
}

const goldenFiles = ((): string[] => {
  const folder = resolve(root, '../shared/golden')
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((name) => (name.endsWith('.json') ? [join(folder, name)] : []))
})()

const script = (name: string) => () =>
  spawn('npm', ['run', '--silent', name], { cwd: root, env: environment, shell: windows })

/** Steps that keep one core busy each and only read the tree. */
const steps = {
  types: script('types'),
  lint: script('lint'),
  layering: script('layering'),
  format: script('format'),
  'dead-code': script('dead-code'),
  golden: () => spawn(process.execPath, ['tests/golden.ts', ...goldenFiles], { cwd: root, env: environment }),
}
type Step = keyof typeof steps

/** Two rows of them, equally long, which run side by side, one step after the other; each tells its output in its turn. */
const rows: readonly (readonly Step[])[] = [
  ['layering', 'format', 'dead-code', 'lint'],
  ['types', 'golden'],
]

interface Outcome {
  readonly fine: boolean
  readonly output: string
}
const outcomes = new Map<Step, Promise<Outcome>>()

/** Asked for the first time, begins all that were chosen. */
function outcomeOf(step: Step): Promise<Outcome> {
  if (outcomes.size === 0) {
    for (const row of rows) {
      let before: Promise<unknown> = Promise.resolve()
      for (const name of row) {
        if (!chosen.includes(name) || (name === 'golden' && goldenFiles.length === 0)) continue
        const outcome = before.then(() => outcomeOfProcess(steps[name]()))
        outcomes.set(name, outcome)
        before = outcome
      }
    }
  }
  return outcomes.get(step)!
}

function outcomeOfProcess(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  child.stdin.end()
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  return new Promise((resolve) => {
    child.on('error', ({ message }) => resolve({ fine: false, output: message }))
    child.on('close', (code) => resolve({ fine: code === 0, output }))
  })
}

const check = (step: Step) => async (): Promise<Counts> => {
  const { fine, output } = await outcomeOf(step)
  process.stdout.write(output)
  return fine ? passed : failed
}

/** The report that a runner wrote, or one failure where it came to none. */
function counted(file: string, fine: boolean, count: (report: unknown) => Counts): Counts {
  if (!existsSync(file)) return failed
  const counts = count(JSON.parse(readFileSync(file, 'utf8')))
  // A runner may fail outside of its tests: a file that cannot be loaded, an error after the last one.
  return fine || counts.failed > 0 ? counts : { ...counts, failed: 1 }
}

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
}

const vitest = (project: string) => (): Counts => {
  const file = join(reports, `${project}.json`)
  const fine = execute('vitest', [
    'run',
    '--project',
    project,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  return counted(file, fine, (report) => {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = report as VitestReport
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests }
  })
}

/** Every golden file on every device is a case: a line that ends with `ok` or `FAILED`. */
async function golden(): Promise<Counts> {
  if (goldenFiles.length === 0) {
    console.log('Skipped: there is no ../shared/golden here.')
    return skipped
  }
  if (adapter.VK_ICD_FILENAMES) console.log('webgpu: no graphics card here, so on Chromium’s software renderer.')
  const { fine, output } = await outcomeOf('golden')
  console.log(output.trimEnd())
  const lines = output.split('\n')
  const counts: Counts = {
    passed: lines.filter((line) => line.endsWith(' ok')).length,
    failed: lines.filter((line) => line.endsWith(' FAILED')).length,
    skipped: lines.filter((line) => line.endsWith(' skipped')).length,
  }
  return fine || counts.failed > 0 ? counts : { ...counts, failed: 1 }
}

interface PlaywrightReport {
  readonly stats: {
    readonly expected: number
    readonly unexpected: number
    readonly flaky: number
    readonly skipped: number
  }
}

function playwright(project: string, browser?: string): Counts {
  const file = join(reports, `playwright-${project}.json`)
  const fine = execute('playwright', ['test', '--project', project, '--reporter=list,json'], {
    // The software renderer is for golden files; every new workspace would measure it as a device, at length.
    ...Object.fromEntries(Object.keys(adapter).map((name) => [name, process.env[name] ?? ''])),
    PLAYWRIGHT_JSON_OUTPUT_NAME: file,
    ...(browser === undefined ? {} : { UNSEEN_BROWSER: browser }),
  })
  return counted(file, fine, (report) => {
    const { expected, flaky, unexpected, skipped } = (report as PlaywrightReport).stats
    return { passed: expected + flaky, failed: unexpected, skipped }
  })
}

function browserTests(): Counts {
  if (!ensureBuilt()) return failed
  const browser = provideBrowser()
  if (browser === null) return failed
  console.log(`Browser: ${browser.name}, ${browser.path}`)
  return playwright('web', browser.path)
}

function electronTests(): Counts {
  if (electronProgram() === null) {
    console.log('Skipped: Electron’s runtime has not been downloaded (`npx install-electron` does it).')
    return skipped
  }
  return ensureBuilt() ? playwright('electron') : failed
}

const suites: Readonly<Record<string, () => Counts | Promise<Counts>>> = {
  layering: check('layering'),
  format: check('format'),
  'dead-code': check('dead-code'),
  types: check('types'),
  golden,
  lint: check('lint'),
  unit: vitest('unit'),
  renderer: vitest('renderer'),
  // Some of these start the bundle.
  contract: () => (ensureBuilt() ? vitest('contract')() : failed),
  browser: browserTests,
  electron: electronTests,
}

/** The suites to run: all, or those that `--only unit,contract` names. */
function chosenSuites(): string[] {
  try {
    const { only } = parseArgs({ options: { only: { type: 'string' } } }).values
    const names = only?.split(',') ?? Object.keys(suites)
    const unknown = names.find((name) => !Object.hasOwn(suites, name))
    if (unknown === undefined) return names
    throw new Error(`There is no suite “${unknown}”.`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    console.error(`Usage: npm test [-- --only SUITE[,SUITE…]], of ${Object.keys(suites).join(', ')}`)
    process.exit(2)
  }
}

const chosen = chosenSuites()
const results: { name: string; counts: Counts; seconds: number }[] = []
for (const name of chosen) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(60 - name.length, 3))}`)
  const start = performance.now()
  const counts = await suites[name]()
  results.push({ name, counts, seconds: (performance.now() - start) / 1000 })
}
rmSync(reports, { recursive: true, force: true })

const line = (counts: Counts): string => `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`
console.log('\n── summary ──────────────────────────────────────────────────────')
for (const { name, counts, seconds } of results) {
  console.log(`${counts.failed > 0 ? '✕' : '✓'} ${name.padEnd(10)} ${line(counts).padEnd(40)} ${seconds.toFixed(1)} s`)
}
const sum = (key: keyof Counts): number => results.reduce((total, { counts }) => total + counts[key], 0)
const total: Counts = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') }
console.log(line(total))
process.exitCode = total.failed > 0 ? 1 : 0
