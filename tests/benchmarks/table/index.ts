import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { holds, type Figure, type Section } from './figure.ts'
import { root, torchVersion } from './programs.ts'
import { measureScoring } from './scoring.ts'
import { measureStarting } from './starting.ts'
import { measureStep } from './step.ts'
import { measureTraining } from './training.ts'

/**
 * `npm run bench [-- --only step,scoring,training,starting] [--rounds N] [--json FILE] [--cub FOLDER]`: what the project
 * promises of its speed, measured in one run, as a table (BENCHMARKS.md is one) and as JSON. `step` and `scoring` need
 * Python with torch ($PYTHON, else python3). Ends with 1 where a bar is missed.
 */
const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'step,scoring,training,starting' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
    cub: { type: 'string', default: resolve(root, '../shared/data/CUB-resnet1000') },
  },
})
const rounds = Number(options.rounds)
const torch = torchVersion()

const sections: Record<string, () => Promise<Section> | string> = {
  step: () => (torch === null ? 'There is no torch for Python here ($PYTHON names one).' : measureStep(rounds)),
  scoring: () => (torch === null ? 'There is no torch for Python here ($PYTHON names one).' : measureScoring(rounds)),
  training: () =>
    existsSync(options.cub) ? measureTraining(options.cub) : `There is no CUB in ${options.cub} (--cub).`,
  starting: () => measureStarting(rounds),
}

const digits = (value: number): string => value.toFixed(value < 100 ? (value < 10 ? 2 : 1) : 0)
function line(figure: Figure): string {
  const { what, value, unit, bar } = figure
  const wanted = bar === undefined ? '' : 'most' in bar ? `≤ ${bar.most}` : `≥ ${bar.least}`
  const verdict = { true: 'held', false: '**missed**', null: '' }[String(holds(figure))]!
  return `| ${what} | ${digits(value)} ${unit} | ${wanted} | ${verdict} |`
}

const machine = `${cpus()[0].model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform}, Node ${process.versions.node}${torch === null ? '' : `, PyTorch ${torch}`}`
console.log(`${new Date().toISOString().slice(0, 10)} · ${machine}\n`)
const measured: Section[] = []
for (const name of options.only.split(',')) {
  const section = await sections[name]()
  if (typeof section === 'string') {
    console.log(`${name}: left out. ${section}\n`)
    continue
  }
  measured.push(section)
  console.log(`## ${section.title}\n\n${section.how}\n\n| | measured | bar | |\n|---|---|---|---|`)
  console.log(`${section.figures.map(line).join('\n')}\n`)
}
if (options.json) await writeFile(options.json, JSON.stringify({ machine, sections: measured }, null, 2))
const missed = measured.flatMap(({ figures }) => figures).filter((figure) => holds(figure) === false)
// onnxruntime's threads would keep the process alive.
process.exit(missed.length > 0 ? 1 : 0)
