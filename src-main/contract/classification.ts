import { z } from 'zod'
import { confidenceSchema, type Confidence } from './confidence.ts'
import { findingSchema } from './dataset.ts'
import { wireErrorSchema } from './errors.ts'
import { runIdSchema } from './run.ts'

/** Classes with the highest scores, best first, and their scores as the model gives them (γ is not in them). */
const bestSchema = z.object({ classes: z.instanceof(Int32Array), scores: z.instanceof(Float32Array) })

/**
 * What a model says of one photo, small enough for a hundred thousand and enough for every γ: subtracting γ moves all
 * seen classes alike, so that the first five are always among the first five of either kind.
 */
export const predictionSchema = z.object({
  photo: z.int(),
  /** Path inside what was dropped. */
  file: z.string(),
  /** Why it could not be read; the scores are empty then. */
  error: wireErrorSchema.nullable(),
  seen: bestSchema,
  unseen: bestSchema,
  /** log Σ exp(score / temperature) over the seen and over the unseen classes; −∞ where there is none. */
  logSumSeen: z.number(),
  logSumUnseen: z.number(),
})
export type Prediction = z.infer<typeof predictionSchema>

export const classificationIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/)
export type ClassificationId = z.infer<typeof classificationIdSchema>

/** Dropped photos and the run that says what is on them. Lives as long as the backend does. */
export const classificationSchema = z.object({
  id: classificationIdSchema,
  run: runIdSchema,
  /** Name of what was dropped. */
  name: z.string(),
  /** Photos found so far, and how many of them have been looked at. */
  photos: z.int(),
  done: z.int(),
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  error: wireErrorSchema.nullable(),
  /** `yours`: described by the person; scored like an unseen class. */
  classes: z.array(
    z.object({
      name: z.string(),
      role: z.enum(['seen', 'unseen', 'yours']),
      /** Of a class of the run's book. */
      id: z.string().nullable(),
    }),
  ),
  /** The suggestion of the run. */
  gamma: z.number(),
  confidence: confidenceSchema,
  /** What of a table of classes could not be taken as it is; once it is done, also what was not looked at. */
  findings: z.array(findingSchema),
  /** Where the network ran, e.g. `cpu`. */
  device: z.string().nullable(),
})
export type Classification = z.infer<typeof classificationSchema>

export interface RankedClass {
  readonly class: number
  readonly role: 'seen' | 'unseen'
  /** γ taken off. */
  readonly score: number
  /** 0 to 1, over all classes. */
  readonly probability: number
}

/** What a prediction says at some γ, and whether that is too little to name a class. Empty for a photo with an error. */
export interface Answer {
  /** Best first, at most five. */
  readonly ranking: readonly RankedClass[]
  readonly none: boolean
}

const shown = 5

/** Calibrated stacking (METHOD.md section 6) and softmax at a temperature; ties go to the lower class. */
export function answer(
  { seen, unseen, logSumSeen, logSumUnseen }: Prediction,
  gamma: number,
  { temperature, noneBelow }: Confidence,
): Answer {
  const seenMass = logSumSeen - gamma / temperature
  const most = Math.max(seenMass, logSumUnseen)
  const logSum = most === -Infinity ? 0 : most + Math.log(Math.exp(seenMass - most) + Math.exp(logSumUnseen - most))
  const ranked = (best: typeof seen, role: 'seen' | 'unseen'): RankedClass[] =>
    Array.from(best.classes, (one, at) => {
      const score = best.scores[at] - (role === 'seen' ? gamma : 0)
      return { class: one, role, score, probability: Math.exp(score / temperature - logSum) }
    })
  const ranking = [...ranked(seen, 'seen'), ...ranked(unseen, 'unseen')]
    .sort((a, b) => b.score - a.score || a.class - b.class)
    .slice(0, shown)
  return { ranking, none: ranking.length > 0 && noneBelow !== null && ranking[0].probability < noneBelow }
}
