import { z } from 'zod'

/** How scores become probabilities; fitted on held-out classes. */
export const confidenceSchema = z.object({
  /** T: probabilities are the softmax of (score − γ·seen) / T. */
  temperature: z.number().positive(),
  /** Below this probability of the best class the answer is “none of these”; null where it could not be fitted. */
  noneBelow: z.number().min(0).max(1).nullable(),
})
export type Confidence = z.infer<typeof confidenceSchema>
