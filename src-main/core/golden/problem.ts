import { z } from 'zod'
import { trainingConfigSchema } from '../../contract/index.ts'

/** Nested arrays as golden files have them; null is an unknown attribute. */
const vector = z.array(z.number())
const matrix = z.array(z.array(z.number().nullable()).min(1)).min(1)
const parameters = z.record(z.string(), z.union([z.array(z.array(z.number())).min(1), vector]))
const accuracies = z.object({ gamma: z.number(), U: z.number(), S: z.number(), H: z.number() })

const step = z.object({
  semanticCosine: matrix,
  semanticAttention: matrix,
  visualCosine: matrix,
  visualAttention: matrix,
  semantic: matrix,
  visual: matrix,
})

const networkKnobs = trainingConfigSchema.pick({
  hidden: true,
  attentionWidth: true,
  propagationSteps: true,
  edgeRule: true,
  edgeDegrees: true,
  edgeNeighbours: true,
  attentionSharpness: true,
  logitTemperature: true,
  consistency: true,
  consistencyWeight: true,
  sharedAttention: true,
  prototypes: true,
  learningRate: true,
  adamBeta1: true,
  adamBeta2: true,
  adamEpsilon: true,
  weightDecay: true,
})

/** A complete small problem with its answers in float64: METHOD.md section 10. */
export const goldenProblemSchema = z.object({
  config: networkKnobs.extend({
    attributes: z.int(),
    features: z.int(),
    classes: z.int(),
    queries: z.int(),
  }),
  inputs: z.object({
    centres: matrix,
    attributes: matrix,
    support: matrix,
    query: matrix,
    target: vector,
    evaluation: z
      .object({
        attributes: matrix,
        classMeans: matrix,
        seen: vector,
        unseen: vector,
        images: matrix,
        labels: vector,
      })
      .optional(),
  }),
  parameters,
  forward: z.object({
    steps: z.array(step).min(1),
    prototypes: matrix,
    logits: matrix,
    crossEntropy: z.number(),
    consistency: z.number(),
    loss: z.number(),
  }),
  gradients: parameters,
  afterThreeAdamSteps: z.object({ lossesBeforeEachStep: vector, parameters }),
  evaluation: z
    .object({
      parameters,
      anchors: vector,
      scores: matrix,
      scoresUnseenOnly: matrix,
      T1: z.number(),
      plain: accuracies,
      calibrated: z.array(accuracies),
      ausuc: z.number(),
    })
    .optional(),
})
export type GoldenProblem = z.infer<typeof goldenProblemSchema>
