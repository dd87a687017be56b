import { existsSync } from 'node:fs'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AppError, type Phase } from '../../contract/index.ts'
import { holdOutOutcomeSchema } from '../evaluation/held-out.ts'
import { readSafetensors, writeSafetensors, type Tensors } from '../workspace/index.ts'
import type { KeepState, PhaseState } from './phase.ts'
import { runFiles } from './run-folder.ts'

const checkpointEvery = 15_000 // ms of training that a crash may cost

const prefixes = { parameters: 'parameter ', firstMoments: 'first ', secondMoments: 'second ' } as const

const progressSchema = z.object({
  random: z.array(z.number()).length(4),
  outcome: holdOutOutcomeSchema.nullable(),
  /** ms that the run had taken by then, pauses left out. */
  spent: z.number().min(0),
})

const fileOf = (folder: string, index: number): string =>
  join(runFiles(folder).checkpoints, `phase-${index}.safetensors`)

/** Writes where the phases of a run are, each to its own file, at intervals and at the end of each. */
export interface Checkpoints {
  readonly folder: string
  /** ms since 1970 at which the run would have begun if it had never paused. */
  readonly since: number
}

export function keepingState({ folder, since }: Checkpoints, { index }: Phase, every = checkpointEvery): KeepState {
  let lastKept = performance.now()
  return async (state, last) => {
    if (!last && performance.now() - lastKept < every) return
    await writeState(folder, index, await state(), Date.now() - since)
    lastKept = performance.now()
  }
}

async function writeState(folder: string, index: number, state: PhaseState, spent: number): Promise<void> {
  const { random, trainer, outcome } = state
  const tensors: Record<string, Tensors[string]> = {}
  for (const [part, prefix] of Object.entries(prefixes)) {
    for (const [name, tensor] of Object.entries(trainer?.[part as keyof typeof prefixes] ?? {}))
      tensors[prefix + name] = tensor
  }
  await mkdir(runFiles(folder).checkpoints, { recursive: true })
  await writeSafetensors(fileOf(folder, index), tensors, {
    step: String(trainer?.step ?? 0),
    progress: JSON.stringify({ random, outcome, spent }),
  })
}

/** For a finished run: its model is stored. */
export const removeCheckpoints = (folder: string): Promise<void> =>
  rm(runFiles(folder).checkpoints, { recursive: true, force: true })

/**
 * Where each phase is that has begun, by its index, and how long the run has taken, ms. Throws `run/checkpoint-damaged`,
 * and `run/checkpoint-outdated` for a run that an earlier version stopped.
 */
export async function readCheckpoints(folder: string): Promise<{ from: Map<number, PhaseState>; spent: number }> {
  if (existsSync(join(folder, 'checkpoint.safetensors'))) {
    throw new AppError(
      'run/checkpoint-outdated',
      'An earlier version of Unseen stopped this training, and kept its state differently.',
      {
        next: 'Start the training again with the same settings.',
      },
    )
  }
  const from = new Map<number, PhaseState>()
  let spent = 0
  for (const name of await readdir(runFiles(folder).checkpoints).catch(() => [])) {
    const index = /^phase-(\d+)\.safetensors$/.exec(name)?.[1]
    if (index === undefined) continue
    const read = await readState(fileOf(folder, Number(index)))
    from.set(Number(index), read.state)
    spent = Math.max(spent, read.spent)
  }
  return { from, spent }
}

async function readState(path: string): Promise<{ state: PhaseState; spent: number }> {
  const { tensors, metadata } = await readSafetensors(path)
  const part = (prefix: string) =>
    Object.fromEntries(
      Object.entries(tensors).flatMap(([name, { shape, data }]) =>
        name.startsWith(prefix) && data instanceof Float32Array ? [[name.slice(prefix.length), { shape, data }]] : [],
      ),
    )
  try {
    const { random, outcome, spent } = progressSchema.parse(JSON.parse(metadata.progress))
    const trainer = {
      step: z.coerce.number().int().min(0).parse(metadata.step),
      parameters: part(prefixes.parameters),
      firstMoments: part(prefixes.firstMoments),
      secondMoments: part(prefixes.secondMoments),
    }
    return { state: { random, outcome, trainer: outcome ? null : trainer }, spent }
  } catch (cause) {
    throw new AppError('run/checkpoint-damaged', 'The checkpoint of this run cannot be read.', {
      next: 'Start the training again with the same settings.',
      cause,
    })
  }
}
