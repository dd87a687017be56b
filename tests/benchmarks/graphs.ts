import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBackend } from '../../src-main/core/create-backend.ts'
import { createEngine } from '../../src-main/core/devices/engines.ts'
import { layOut } from '../../src-main/core/graphs/layout/index.ts'
import { createLens } from '../../src-main/core/graphs/lens.ts'
import { createRandom } from '../../src-main/core/random.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'

/**
 * `npx node tests/benchmarks/graphs.ts [att-splits/SUN]`: how long the graph of SUN's 717 classes takes from nothing (its
 * process included) until it can be drawn, and what layouts of other sizes cost. `graph-frames.ts` measures the drawing.
 */
const [place = join(import.meta.dirname, '../../../shared/data/att-splits/SUN')] = process.argv.slice(2)
const ms = (value: number): string => `${value.toFixed(0).padStart(6)} ms`

if (existsSync(place)) {
  const folder = await mkdtemp(join(tmpdir(), 'unseen-bench-graphs-'))
  const spawnJob = nodeSpawnJob(new URL('../../src-main/hosts/node/job-process.ts', import.meta.url))
  const running = await createBackend({ workspace: join(folder, 'workspace'), host: 'cli', version: '0', spawnJob })
  const { backend, grants } = running
  try {
    const report = await backend.inspectDataset({ grants: [(await grants.add(place)).id] })
    const dataset = (await backend.importDataset({ report: report.id })).id
    const question = { of: { kind: 'dataset', dataset } } as const
    const times = [performance.now()]
    await backend.getTwins(question)
    times.push(performance.now())
    await backend.layOutTwins(question)
    times.push(performance.now())
    await backend.getTwins({ ...question, rule: { kind: 'threshold', degrees: 40 }, cap: 10 })
    times.push(performance.now())
    console.log(`${ms(times[1] - times[0])}  twins of ${report.name}, process start included`)
    console.log(`${ms(times[2] - times[1])}  their layout`)
    console.log(`${ms(times[3] - times[2])}  twins by another rule`)
  } finally {
    await running.close()
    await rm(folder, { recursive: true })
  }
} else {
  console.log('SUN is not here: give its folder as an argument.')
}

const random = createRandom(1)
const lens = createLens(createEngine('cpu'), 10)
for (const C of [200, 717, 2000]) {
  const W = 64
  const middles = Float32Array.from({ length: 40 * W }, () => random.uniform() - 0.5)
  const rows = () =>
    Float32Array.from(
      { length: C * W },
      (_, i) => middles[(Math.floor(i / W) % 40) * W + (i % W)] + 0.8 * (random.uniform() - 0.5),
    )
  const look = () => lens.look(rows(), C, { kind: 'knn', neighbours: 5 })
  const [left, right] = [
    { space: 'semantic' as const, ...(await look()) },
    { space: 'visual' as const, ...(await look()) },
  ]
  const start = process.cpuUsage()
  layOut({ left, right }, C, false)
  const used = process.cpuUsage(start)
  console.log(`${ms((used.user + used.system) / 1000)}  of processor time: layout of two graphs of ${C} classes`)
}
