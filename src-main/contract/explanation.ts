import { z } from 'zod'
import { classificationIdSchema } from './classification.ts'

const index = z.int().min(0)

/** Which image is asked about. Only of a run's own dataset, or of photos that it has looked at. */
export const askedImageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('classification'), classification: classificationIdSchema, photo: index }),
  z.object({ kind: z.literal('dataset'), image: index }),
])
export type AskedImage = z.infer<typeof askedImageSchema>

/** Class of an explanation: an index into its `classes`. */
const explainedClass = z.int()

/** A part of the score difference winner − runner-up that an attribute of one of the two makes. */
const contributionSchema = z.object({
  /** Index into `Explanation.attributes`. */
  attribute: z.int(),
  /** Values of the two classes, in the units of the dataset; NaN is "not known" and contributes nothing. */
  winnerValue: z.number().or(z.nan()),
  runnerUpValue: z.number().or(z.nan()),
  /** Through the winner's description and through the runner-up's; above 0 speaks for the winner. */
  throughWinner: z.number(),
  throughRunnerUp: z.number(),
})
export type Contribution = z.infer<typeof contributionSchema>

const sharesSchema = z.array(z.object({ class: explainedClass, share: z.number() }))

/** Whose prototypes flowed into a class: in either space the row of the product of all attention matrices, strongest first. */
const flowSchema = z.object({
  semantic: sharesSchema,
  visual: sharesSchema,
  /** Whose photos stand in for those that the class does not have (METHOD.md section 5); its own make the rest up to 1. */
  anchors: sharesSchema,
})
export type Flow = z.infer<typeof flowSchema>

export const explanationSchema = z.object({
  classes: z.array(z.object({ name: z.string(), role: z.enum(['seen', 'unseen', 'yours']) })),
  attributes: z.array(z.string()),
  /** Best first, at most five: scores as the model gives them, γ not in them. */
  ranking: z.array(z.object({ class: explainedClass, score: z.number() })),
  winner: explainedClass,
  runnerUp: explainedClass,
  /** γ that the ranking was made at, and the winner without it (γ = 0). */
  gamma: z.number(),
  winnerWithoutGamma: explainedClass,
  /** score(winner) − score(runner-up) without γ = baseline + Σ contributions + remainder. */
  difference: z.number(),
  /** The same difference with both classes' attributes all "not known". */
  baseline: z.number(),
  /** Strongest first; all attributes that contribute. Empty for a method that says nothing of them. */
  contributions: z.array(contributionSchema),
  remainder: z.number(),
  /** One sentence: how the contributions were computed. */
  how: z.string(),
  /** At most 12 classes each; null for a method without graphs. */
  flow: z.object({ winner: flowSchema, runnerUp: flowSchema }).nullable(),
  /** Training images of the run's dataset most like this one (cosine of scaled features), at most 8; empty where the dataset is gone or changed. */
  similar: z.array(z.object({ image: z.int(), name: z.string(), class: z.string(), cosine: z.number() })),
  /** Smallest found change of one attribute of the winner (share of its range) after which another class wins, verified by scoring; null: none within its range. */
  flip: z
    .object({
      attribute: z.int(),
      from: z.number(),
      to: z.number(),
      /** Who wins then. */
      winner: explainedClass,
    })
    .nullable(),
})
export type Explanation = z.infer<typeof explanationSchema>
