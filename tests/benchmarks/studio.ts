/**
 * How long a preview takes while a slider moves: CUB's model (200 classes, 312 attributes), a tray of 200 photos.
 *
 *   npx node tests/benchmarks/studio.ts [folder of CUB in the xlsa17 layout] [workspace to keep]
 *
 * Trains a short run in the workspace unless there is one, then asks as the page does, through the process of the model.
 * `service` is what the model's process took, `whole` what the caller waited, both in ms.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'

const [source, keep] = process.argv.slice(2) as (string | undefined)[]
const movements = 100

const workspace = keep === undefined ? await mkdtemp(join(tmpdir(), 'unseen-studio-')) : resolve(keep)
const running = await createBackend({
  ...{ workspace, host: 'cli', version: '0', log: (line) => console.error(line) },
  spawnJob: nodeSpawnJob(new URL('../../src-main/hosts/node/job-process.ts', import.meta.url)),
})
try {
  await measure(running, await finishedRun(running))
} finally {
  await running.close()
  if (keep === undefined) await rm(workspace, { recursive: true })
}

async function finishedRun({ backend, grants }: RunningBackend): Promise<string> {
  const snapshot = await new Promise<{ runs: readonly { id: string; result: unknown }[] }>((told) => {
    backend.subscribe({ snapshot: (state) => told(state.snapshot), event: () => undefined })
  })
  const finished = snapshot.runs.find(({ result }) => result !== null)
  if (finished) return finished.id
  const report = await backend.inspectDataset({
    grants: [(await grants.add(source ?? '../shared/data/CUB-resnet1000')).id],
  })
  const { id: dataset } = await backend.importDataset({ report: report.id, name: 'CUB' })
  const { id } = await backend.startTraining({ dataset, device: 'cpu', set: { episodes: 200, holdOuts: 1 } })
  for (;;) {
    const { state } = await backend.getRun({ run: id })
    if (state === 'finished') return id
    if (state !== 'running') throw new Error(`The training ended as ${state}.`)
    await sleep(200)
  }
}

async function measure({ backend }: RunningBackend, run: string): Promise<void> {
  const guide = await backend.getClassGuide({ run })
  const tray = await backend.openTray({ run, source: { kind: 'dataset', images: 'test-unseen', limit: 200 } })
  const from = guide.classes.findIndex(({ role }) => role === 'unseen')
  const K = guide.rows.columns
  const attributes = guide.rows.values.slice(from * K, (from + 1) * K)
  const visual = { anchors: null, photoWeight: null }
  const [service, whole]: number[][] = [[], []]
  for (let movement = 0; movement < movements + 3; movement++) {
    const attribute = Math.floor(movement / 20)
    const { low, high } = guide.attributes[attribute]
    attributes[attribute] = low + ((movement % 20) / 19) * (high - low)
    const started = performance.now()
    const one = { id: 'new', name: 'New', attributes, visual }
    const { milliseconds } = await backend.previewClass({ run, tray: tray.id, class: one })
    // The first ones compile and warm up.
    if (movement < 3) continue
    service.push(milliseconds)
    whole.push(performance.now() - started)
  }
  console.log(`${guide.classes.length} classes, ${K} attributes, ${tray.photos.length} photos, ${movements} movements`)
  for (const [name, times] of Object.entries({ service, whole })) {
    times.sort((a, b) => a - b)
    const at = (share: number): string => times[Math.floor(share * (times.length - 1))].toFixed(1)
    console.log(`${name}: least ${at(0)} ms, median ${at(0.5)} ms, 95 % ${at(0.95)} ms`)
  }
}
