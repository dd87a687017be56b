import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  AppError,
  metricPointSchema,
  runSummarySchema,
  type MetricPoint,
  type RunDetail,
  type RunSummary,
} from '../../contract/index.ts'
import type { TrainerState } from '../compute/engine.ts'
import { readJson, readSafetensors, writeFileAtomic, writeSafetensors, type Tensors } from '../workspace/index.ts'

/**
 * `runs/<id>/`: run.json (what it is and how it ended), metrics.jsonl, checkpoint.safetensors while it trains, and
 * model.safetensors + evaluation.json when it is done. Readable with other tools, each written whole or not at all.
 */
export const runFiles = (folder: string) => ({
  run: join(folder, 'run.json'),
  metrics: join(folder, 'metrics.jsonl'),
  checkpoint: join(folder, 'checkpoint.safetensors'),
  model: join(folder, 'model.safetensors'),
  evaluation: join(folder, 'evaluation.json'),
})

export async function writeRun(folder: string, run: RunSummary): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFileAtomic(runFiles(folder).run, `${JSON.stringify(run, null, 2)}\n`)
}

export const readRun = (folder: string): Promise<RunSummary> => readJson(runFiles(folder).run, runSummarySchema)

/** Where a training is: enough to go on as if nothing had happened. */
export interface Checkpoint<Progress> {
  /** JSON: which phase, what the finished phases found, the random state. */
  readonly progress: Progress
  readonly trainer: TrainerState
}

const prefixes = { parameters: 'parameter ', firstMoments: 'first ', secondMoments: 'second ' } as const

export async function writeCheckpoint<P>(folder: string, { progress, trainer }: Checkpoint<P>): Promise<void> {
  const tensors: Record<string, Tensors[string]> = {}
  for (const [part, prefix] of Object.entries(prefixes)) {
    for (const [name, tensor] of Object.entries(trainer[part as keyof typeof prefixes] ?? {}))
      tensors[prefix + name] = tensor
  }
  await writeSafetensors(runFiles(folder).checkpoint, tensors, {
    step: String(trainer.step),
    progress: JSON.stringify(progress),
  })
}

/** For a finished run: its model is stored. */
export const removeCheckpoint = (folder: string): Promise<void> => rm(runFiles(folder).checkpoint, { force: true })

/** null where there is none yet. Throws `run/checkpoint-damaged`. */
export async function readCheckpoint<S extends z.ZodType>(
  folder: string,
  schema: S,
): Promise<Checkpoint<z.output<S>> | null> {
  const file = await readSafetensors(runFiles(folder).checkpoint).catch((thrown: unknown) => {
    if (thrown instanceof AppError && thrown.code === 'safetensors/missing') return null
    throw thrown
  })
  if (!file) return null
  const part = (prefix: string) =>
    Object.fromEntries(
      Object.entries(file.tensors).flatMap(([name, { shape, data }]) =>
        name.startsWith(prefix) && data instanceof Float32Array ? [[name.slice(prefix.length), { shape, data }]] : [],
      ),
    )
  try {
    return {
      progress: schema.parse(JSON.parse(file.metadata.progress)),
      trainer: {
        step: z.coerce.number().int().min(0).parse(file.metadata.step),
        parameters: part(prefixes.parameters),
        firstMoments: part(prefixes.firstMoments),
        secondMoments: part(prefixes.secondMoments),
      },
    }
  } catch (cause) {
    throw new AppError('run/checkpoint-damaged', 'The checkpoint of this run cannot be read.', {
      next: 'Start the training again with the same settings.',
      cause,
    })
  }
}

export async function appendMetrics(folder: string, points: readonly MetricPoint[]): Promise<void> {
  await appendFile(runFiles(folder).metrics, points.map((point) => `${JSON.stringify(point)}\n`).join(''))
}

/** Before a resumed run appends: ends a line that a crash cut short, so that the next one does not grow onto it. */
export const endCutLine = (folder: string): Promise<void> => appendFile(runFiles(folder).metrics, '\n')

/** In order, each point once: a resumed run says again what it had said since its last checkpoint. Cut lines are left out. */
export async function readMetrics(folder: string): Promise<MetricPoint[]> {
  const text = await readFile(runFiles(folder).metrics, 'utf8').catch(() => '')
  const points = new Map<string, MetricPoint>()
  for (const line of text.split('\n')) {
    const point = metricPointSchema.safeParse(parseLine(line))
    if (point.success) points.set(`${point.data.type} ${point.data.phase.index} ${point.data.episode}`, point.data)
  }
  return [...points.values()]
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

const evaluationFileSchema = z.object({
  curve: z.object({ U: z.array(z.number()), S: z.array(z.number()), gamma: z.array(z.number().nullable()) }).nullable(),
  perClass: z.array(
    z.object({ class: z.string(), role: z.enum(['seen', 'unseen']), images: z.int(), accuracy: z.number() }),
  ),
})
export type EvaluationPictures = Pick<RunDetail, 'curve' | 'perClass'>

export async function writeEvaluation(folder: string, { curve, perClass }: EvaluationPictures): Promise<void> {
  const plain = curve && {
    U: [...curve.U],
    S: [...curve.S],
    gamma: [...curve.gamma].map((one) => (Number.isFinite(one) ? one : null)),
  }
  await writeFileAtomic(runFiles(folder).evaluation, JSON.stringify({ curve: plain, perClass }))
}

export async function readEvaluation(folder: string): Promise<EvaluationPictures> {
  const found = await readJson(runFiles(folder).evaluation, evaluationFileSchema).catch(() => null)
  if (!found) return { curve: null, perClass: [] }
  const { curve, perClass } = found
  return {
    perClass,
    curve: curve && {
      U: Float32Array.from(curve.U),
      S: Float32Array.from(curve.S),
      // JSON has no infinity: the curve's two ends.
      gamma: Float32Array.from(curve.gamma, (one, at) => one ?? (at === 0 ? -Infinity : Infinity)),
    },
  }
}
