import { z } from 'zod'

const positive = z.int().min(1)

/** Every knob of a training, with its unit and its reason. Sections are METHOD.md's. */
export const trainingConfigSchema = z.object({
  // Scaling (section 1)
  featureScaling: z.enum(['l2', 'standard', 'none']),
  attributeScaling: z.enum(['global', 'raw', 'unit', 'column']),

  // Network (section 2)
  hidden: positive.max(16384), // H, width of a prototype
  attentionWidth: positive.max(16384), // G, width in which cosines are taken
  semanticCentres: positive.max(32), // k of k-means over the seen classes' attributes
  propagationSteps: z.int().min(0).max(8), // τ; 0 leaves the prototypes as they are
  edgeRule: z.enum(['threshold', 'knn']),
  edgeDegrees: z.number().gt(0).lt(90), // `threshold`: an edge needs a cosine above cos of this angle
  edgeNeighbours: positive.max(4096), // `knn`: neighbours of a class beside itself
  attentionSharpness: z.number().positive(), // factor of the cosine inside the softmax
  prototypes: z.enum(['both', 'semantic', 'visual']), // what the relation score sees
  sharedAttention: z.boolean(), // one projection P for both spaces; the paper finds that it hurts

  // Loss (section 3)
  consistency: z.enum(['none', 'last', 'every', 'reversed', 'mse']),
  consistencyWeight: z.number().min(0),
  logitTemperature: z.number().positive(), // T, divides the scores in the cross-entropy only

  // Episodes (section 4)
  training: z.enum(['episodes', 'batches']), // `batches`: plain mini-batches against full class means
  episodes: positive.max(10_000_000), // steps of the final training
  holdOutEpisodes: positive.max(10_000_000).nullable(), // steps on each hold-out; null: as many as the final training
  classesPerEpisode: positive.max(4096), // all, where there are fewer
  supportPerClass: positive.max(1024), // images that build a class's visual prototype
  queriesPerClass: positive.max(1024), // images that are classified

  // Adam (section 3)
  learningRate: z.number().positive(),
  adamBeta1: z.number().min(0).lt(1),
  adamBeta2: z.number().min(0).lt(1),
  adamEpsilon: z.number().positive(),
  weightDecay: z.number().min(0), // L2, added to the gradient of every parameter (not decoupled)
  decayAt: z.number().gt(0).max(1), // share of the episodes after which the learning rate falls
  decayFactor: z.number().gt(0).max(1),

  // Test time (section 5) and protocol (section 12)
  anchors: positive.max(16), // seen classes that lend an unseen one its mean; weights sum to 1
  holdOuts: positive.max(16), // class hold-outs on which γ is chosen
})
export type TrainingConfig = z.infer<typeof trainingConfigSchema>

/** METHOD.md section 12: chosen by held-out classes only. */
const quick: TrainingConfig = {
  featureScaling: 'l2',
  attributeScaling: 'global',
  hidden: 256,
  attentionWidth: 256,
  semanticCentres: 3,
  propagationSteps: 1,
  edgeRule: 'knn',
  edgeDegrees: 40,
  edgeNeighbours: 5,
  attentionSharpness: 10,
  prototypes: 'both',
  sharedAttention: false,
  consistency: 'last',
  consistencyWeight: 10,
  logitTemperature: 1,
  training: 'episodes',
  episodes: 2000,
  holdOutEpisodes: null,
  classesPerEpisode: 30,
  supportPerClass: 2,
  queriesPerClass: 2,
  learningRate: 5e-4,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  weightDecay: 1e-4,
  decayAt: 2 / 3,
  decayFactor: 0.1,
  anchors: 1,
  holdOuts: 3,
}

/** The authors' values (sections 2 to 4): 360 epochs of 800 episodes. */
const paper: TrainingConfig = {
  ...quick,
  attributeScaling: 'raw',
  hidden: 2048,
  attentionWidth: 256,
  propagationSteps: 2,
  edgeRule: 'threshold',
  consistencyWeight: 1,
  logitTemperature: 100,
  episodes: 288_000,
  supportPerClass: 1,
  queriesPerClass: 1,
  learningRate: 2e-5,
}

export const presets = { quick, paper } as const
export type Preset = keyof typeof presets
