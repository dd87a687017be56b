import type { Classification, ClassPreview } from '../../contract/index.ts'
import type { OpenRun } from '../inference/open-run.ts'

/** Photos that stay while a class changes: projected once, and scored again only for the classes that changed. */
export interface TrayScores {
  /**
   * What is said of the photos with one more class, the last of `list`, and without it.
   * @param before the classes without it, named by a key; projected prototypes are C×H.
   */
  look(
    before: { readonly key: string; readonly projected: Float32Array },
    projected: Float32Array,
    list: Classification['classes'],
  ): Promise<NonNullable<ClassPreview['tray']>>
}

/** Of a projected prototype, relative to its largest number: what differs less differs by rounding. */
const rounding = 1e-6

/** @param features of B photos, scaled, B×D. */
export async function createTrayScores(run: OpenRun, features: Float32Array): Promise<TrayScores> {
  const { network, model, widths } = run
  const { hidden: H, logitTemperature } = run.run.config
  const gamma = run.run.result!.calibrated.gamma
  const temperature = run.run.result!.confidence?.temperature ?? logitTemperature
  const B = features.length / widths.features
  const images = { data: features, shape: [B, widths.features] }
  const { seen } = await (await run.program(network.images)).run({ ...model.parameters, images })
  const pairs = await run.program(network.pairs)

  const scoresOf = async (projected: Float32Array): Promise<Float32Array> => {
    const rows = { data: projected, shape: [projected.length / H, H] }
    return (await pairs.run({ ...model.parameters, seen, projected: rows })).scores.data
  }
  let without: { key: string; scores: Float32Array } | null = null

  return {
    async look({ key, projected: old }, projected, list) {
      if (without?.key !== key) without = { key, scores: await scoresOf(old) }
      const C = list.length
      const before = without.scores
      const columns = changedRows(old, projected, H)
      const fresh = await scoresOf(gatherRows(projected, columns, H))
      const all = new Float32Array(B * C)
      for (let b = 0; b < B; b++) {
        all.set(before.subarray(b * (C - 1), (b + 1) * (C - 1)), b * C)
        columns.forEach((column, at) => (all[b * C + column] = fresh[b * columns.length + at]))
      }
      const offset = list.map(({ role }) => (role === 'seen' ? gamma : 0))
      return {
        scores: Float32Array.from({ length: B }, (_, b) => all[b * C + C - 1]),
        probabilities: Float32Array.from({ length: B }, (_, b) =>
          lastProbability(all.subarray(b * C, (b + 1) * C), offset, temperature),
        ),
        labels: Int32Array.from({ length: B }, (_, b) => best(all.subarray(b * C, (b + 1) * C), offset)),
        labelsWithout: Int32Array.from({ length: B }, (_, b) =>
          best(before.subarray(b * (C - 1), (b + 1) * (C - 1)), offset),
        ),
      }
    },
  }
}

/** Classes whose prototype is another than before, and the new one, which is the last. */
function changedRows(before: Float32Array, after: Float32Array, H: number): number[] {
  const C = after.length / H
  const changed: number[] = []
  for (let c = 0; c < C - 1; c++) {
    let [largest, difference] = [0, 0]
    for (let i = c * H; i < (c + 1) * H; i++) {
      largest = Math.max(largest, Math.abs(after[i]))
      difference = Math.max(difference, Math.abs(after[i] - before[i]))
    }
    if (difference > rounding * largest) changed.push(c)
  }
  return [...changed, C - 1]
}

function gatherRows(matrix: Float32Array, rows: readonly number[], width: number): Float32Array {
  const gathered = new Float32Array(rows.length * width)
  rows.forEach((row, at) => gathered.set(matrix.subarray(row * width, (row + 1) * width), at * width))
  return gathered
}

/** Ties go to the lower class (METHOD.md section 5). */
function best(scores: Float32Array, offset: readonly number[]): number {
  let most = 0
  for (let c = 1; c < scores.length; c++) if (scores[c] - offset[c] > scores[most] - offset[most]) most = c
  return most
}

function lastProbability(scores: Float32Array, offset: readonly number[], temperature: number): number {
  const own = scores[scores.length - 1]
  let sum = 0
  for (let c = 0; c < scores.length; c++) sum += Math.exp((scores[c] - offset[c] - own) / temperature)
  return 1 / sum
}
