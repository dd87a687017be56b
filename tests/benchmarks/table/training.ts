import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBackend } from '../../../src-main/core/create-backend.ts'
import { nodeSpawnJob } from '../../../src-main/hosts/node/spawn-job.ts'
import { provideFolders } from '../../../src-main/hosts/node/workspace-folder.ts'
import type { Section } from './figure.ts'
import { root, unseen } from './programs.ts'

interface Trained {
  readonly T1: number
  readonly calibrated: { readonly H: number }
}

/** From a dropped folder to a result, and from a click to the first steps, on CUB. */
export async function measureTraining(cub: string): Promise<Section> {
  const workspace = await mkdtemp(join(tmpdir(), 'unseen-bench-'))
  try {
    const start = performance.now()
    const words = ['--preset', 'quick', '--device', 'cpu', '--seed', '1', '--workspace', workspace]
    const { T1, calibrated } = unseen('train', cub, ...words) as Trained
    const seconds = (performance.now() - start) / 1000
    return {
      title: 'Training',
      how: `\`unseen train ${cub.split(/[\\/]/).at(-1)} --preset quick --device cpu --seed 1\`: the whole command (import, choosing, training, evaluation); then a training of the imported dataset whose form was open for two seconds, from the command to the report of its first step.`,
      figures: [
        { what: 'from drop to result', value: seconds, unit: 's', bar: { most: 25 } },
        { what: 'T1', value: T1, unit: '%', bar: { least: 54.5 } },
        { what: 'H at the protocol’s γ', value: calibrated.H, unit: '%', bar: { least: 48 } },
        { what: 'first step after the click', value: await firstSteps(workspace), unit: 'ms', bar: { most: 1000 } },
      ],
    }
  } finally {
    await rm(workspace, { recursive: true })
  }
}

async function firstSteps(workspace: string): Promise<number> {
  // As every host does.
  provideFolders()
  const running = await createBackend({
    ...{ workspace, host: 'cli', version: '0', log: (line) => console.error(line) },
    spawnJob: nodeSpawnJob(resolve(root, 'out/main/node-job.js')),
  })
  const { backend } = running
  try {
    let stepped: (at: number) => void
    const firstReport = new Promise<number>((resolve) => (stepped = resolve))
    const listed = new Promise<string>((resolve) => {
      backend.subscribe({
        snapshot: ({ snapshot }) => resolve(snapshot.datasets[0].id),
        event: ({ event }) => {
          if (event.type === 'metrics') stepped(performance.now())
        },
      })
    })
    const dataset = await listed
    // As the page does when it shows the form, which a person needs longer to read.
    await backend.prepareTraining({})
    await sleep(2000)
    const start = performance.now()
    const { id } = await backend.startTraining({ dataset, device: 'cpu', seed: 2 })
    const elapsed = (await firstReport) - start
    await backend.stopTraining({ run: id })
    return elapsed
  } finally {
    await running.close()
  }
}
