import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  metricPointSchema,
  runSummarySchema,
  type MetricPoint,
  type RunDetail,
  type RunSummary,
} from '../../contract/index.ts'
import { readJson, writeFileAtomic } from '../workspace/index.ts'

/**
 * `runs/<id>/`: run.json (what it is and how it ended), metrics.jsonl, checkpoints/ while it trains (one file per
 * phase), and model.safetensors + evaluation.json when it is done. Readable with other tools, each written whole or not at all.
 */
export const runFiles = (folder: string) => ({
  run: join(folder, 'run.json'),
  metrics: join(folder, 'metrics.jsonl'),
  checkpoints: join(folder, 'checkpoints'),
  model: join(folder, 'model.safetensors'),
  evaluation: join(folder, 'evaluation.json'),
})

export async function writeRun(folder: string, run: RunSummary): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFileAtomic(runFiles(folder).run, `${JSON.stringify(run, null, 2)}\n`)
}

export const readRun = (folder: string): Promise<RunSummary> => readJson(runFiles(folder).run, runSummarySchema)

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
