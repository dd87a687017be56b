import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Backend, BackboneRecipe, Method, RunResult, RunSummary } from '../../src-main/contract/index.ts'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'

/**
 * `npx node tests/benchmarks/animals.ts [seeds]`: real photos of animals from a folder of them to the figures of a run, with
 * the backbone that was dropped and with the one that comes with the application. Ends with 1 below the bars. Needs
 * ../shared. About 15 minutes for three seeds on two cores.
 */
const root = resolve(import.meta.dirname, '../..')
const photos = resolve(root, '../shared/data/caltech-animals')
const network = resolve(root, '../shared/models/mobilenetv2-imagenet.onnx')
const seeds = Number(process.argv[2] ?? 3)

/** Percent, means over the seeds: H at the γ of the protocol. Of eight unseen classes chance is 12.5. */
const bars: readonly { backbone: string; method: Method; T1: number; H: number }[] = [
  { backbone: 'dropped', method: 'ipn', T1: 66, H: 59 },
  { backbone: 'basic', method: 'ipn', T1: 30, H: 0 },
]

const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length
const show = (value: number | null): string => (value === null ? '–' : value.toFixed(1)).padStart(6)

function over({ backend }: RunningBackend, id: string): Promise<RunSummary> {
  return new Promise((ended) => {
    const look = (run: RunSummary): void => {
      if (run.id === id && run.state !== 'running') ended(run)
    }
    backend.subscribe({
      snapshot: ({ snapshot }) => snapshot.runs.forEach(look),
      event: ({ event }) => event.type === 'run' && look(event.run),
    })
  })
}

async function trained(running: RunningBackend, dataset: string, method: Method, seed: number): Promise<RunResult> {
  const { id } = await running.backend.startTraining({ dataset, method, seed, device: 'cpu' })
  const { result, error } = await over(running, id)
  if (!result) throw new Error(error?.message ?? 'The run ended without a result.')
  return result
}

async function dropped(backend: Backend, grant: string): Promise<string> {
  const { id: draft, name, licence, source, recipe } = await backend.inspectBackbone({ grant })
  // What its file does not tell: pixels from −1 to 1.
  const values = { scale: 2 / 255, offset: -1, mean: [0, 0, 0], std: [1, 1, 1] } satisfies Partial<BackboneRecipe>
  const { id } = await backend.importBackbone({ draft, name, licence, source, recipe: { ...recipe, ...values } })
  return id
}

async function measure(running: RunningBackend): Promise<boolean> {
  const { backend, grants } = running
  const grant = await grants.add(photos)
  const report = await backend.inspectDataset({ grants: [grant.id] })
  const dataset = await backend.importDataset({ report: report.id })
  const { images, seen, unseen, attributes } = dataset.counts
  console.log(`${images} photos, ${seen} seen and ${unseen} unseen classes, ${attributes} attributes; ${seeds} seeds`)
  console.log('backbone  method  seed      T1      U      S      H   H at γ   held-out T1      H       T  none below')
  let passed = true
  const networks = { dropped: await dropped(backend, (await grants.add(network)).id), basic: 'basic' }
  for (const [backbone, id] of Object.entries(networks)) {
    await backend.extractFeatures({ dataset: dataset.id, backbone: id })
    for (const method of ['ipn', 'eszsl'] as const) {
      const results: RunResult[] = []
      for (let seed = 1; seed <= seeds; seed++) {
        const result = await trained(running, dataset.id, method, seed)
        results.push(result)
        const { T1, U, S, H, calibrated, heldOut, confidence } = result
        const sure = `${confidence?.temperature.toPrecision(3).padStart(8)} ${confidence?.noneBelow?.toFixed(3).padStart(9)}`
        console.log(
          `${backbone.padEnd(9)} ${method.padEnd(7)} ${String(seed).padStart(4)}  ${[T1, U, S, H, calibrated.H, heldOut.T1, heldOut.H].map(show).join(' ')} ${sure}`,
        )
      }
      const T1 = mean(results.map((one) => one.T1 ?? 0))
      const H = mean(results.map((one) => one.calibrated.H ?? 0))
      const bar = bars.find((one) => one.backbone === backbone && one.method === method)
      const fits = !bar || (T1 >= bar.T1 && H >= bar.H)
      const verdict = bar ? `, bars ${bar.T1} and ${bar.H}: ${fits ? 'reached' : 'missed'}` : ''
      console.log(`${backbone.padEnd(9)} ${method.padEnd(7)} mean: T1 ${T1.toFixed(1)}, H ${H.toFixed(1)}${verdict}`)
      passed &&= fits
    }
  }
  return passed
}

if (!existsSync(photos)) console.log('Skipped: there is no ../shared here.')
else {
  const folder = await mkdtemp(join(tmpdir(), 'unseen-animals-'))
  const spawnJob = nodeSpawnJob(join(root, 'src-main/hosts/node/job-process.ts'))
  const running = await createBackend({ workspace: join(folder, 'workspace'), host: 'cli', version: '0', spawnJob })
  try {
    if (!(await measure(running))) process.exitCode = 1
  } finally {
    await running.close()
    await rm(folder, { recursive: true, force: true })
  }
}
