import { z } from 'zod'
import { datasetIdSchema } from './dataset.ts'
import { runIdSchema } from './run.ts'

/**
 * What a picture of category graphs is drawn from. `semantic` and `visual` are learned (prototypes through P, METHOD.md
 * section 2, step 3); `attributes` (scaled as the run scales them) and `features` (class means) are what went in.
 */
export const graphSpaceSchema = z.enum(['semantic', 'visual', 'attributes', 'features'])
export type GraphSpace = z.infer<typeof graphSpaceSchema>

/** When two classes are neighbours. */
export const edgeRuleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('knn'), neighbours: z.int().min(1).max(100) }),
  z.object({ kind: z.literal('threshold'), degrees: z.number().min(1).max(90) }),
])
export type EdgeRule = z.infer<typeof edgeRuleSchema>

/** Whose graphs: a finished run's, or a dataset's without any run (`attributes`, and `features` where it has them). */
export const graphSubjectSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('run'),
    run: runIdSchema,
    /** Episode of a state that was kept while it trained (`GraphFilm`); null: the finished model. */
    episode: z.int().min(0).nullable().default(null),
    /** Whether the person's own classes take part. */
    yours: z.boolean().default(true),
  }),
  z.object({ kind: z.literal('dataset'), dataset: datasetIdSchema }),
])
export type GraphSubject = z.input<typeof graphSubjectSchema>

export const twinsQuestionSchema = z.object({
  of: graphSubjectSchema,
  /** The two spaces, left and right; a learned one only for a run. */
  spaces: z.tuple([graphSpaceSchema, graphSpaceSchema]).default(['semantic', 'visual']),
  /** Graph of p^t, 0 to τ; that of p^τ was never used by the model (unless τ = 0). */
  step: z.int().min(0).max(20).default(0),
  /** null: the rule that the run was trained with (a dataset: 5 nearest). Another is exploration; the model stays as it is. */
  rule: edgeRuleSchema.nullable().default(null),
  /** At most so many edges of a class are told, those with the most attention; the figures below count all. */
  cap: z.int().min(1).max(100).default(10),
})
export type TwinsQuestion = z.input<typeof twinsQuestionSchema>

/** Edges without the self-attention, column by column, ordered by `from`, strongest first. */
export const graphEdgesSchema = z.object({
  /** Whose row: the class that attends. */
  from: z.instanceof(Int32Array),
  /** Whom it attends to. */
  to: z.instanceof(Int32Array),
  /** α of the row, 0 to 1. */
  attention: z.instanceof(Float32Array),
  /** In this space and in the other one; NaN where there is no other. */
  cosine: z.instanceof(Float32Array),
  otherCosine: z.instanceof(Float32Array),
  /** 1 where the other space has this edge as well (before the cap), else 0. */
  shared: z.instanceof(Uint8Array),
})
export type GraphEdges = z.infer<typeof graphEdgesSchema>

/** How a graph may have died (METHOD.md section 8); null: it lives. */
export const graphDeathSchema = z.enum(['empty', 'complete']).nullable()
export type GraphDeath = z.infer<typeof graphDeathSchema>

export const categoryGraphSchema = z.object({
  space: graphSpaceSchema,
  edges: graphEdgesSchema,
  /** α of each class to itself. */
  self: z.instanceof(Float32Array),
  /** Neighbours of each class without itself, before the cap. */
  degrees: z.instanceof(Int32Array),
  meanDegree: z.number(),
  death: graphDeathSchema,
  /** Classes whose prototypes coincide after this step (cosine above 1 − 1e-5), each group of two or more; at most 50 groups. */
  twins: z.array(z.array(z.int())),
})
export type CategoryGraph = z.infer<typeof categoryGraphSchema>

export const graphClassSchema = z.object({
  name: z.string(),
  role: z.enum(['seen', 'unseen', 'yours', 'none']),
  images: z.int(),
  /** Percent, at the run's γ; null where it was not measured. */
  accuracy: z.number().nullable(),
})
export type GraphClass = z.infer<typeof graphClassSchema>

/** Both graphs over one list of classes. */
export const twinsSchema = z.object({
  classes: z.array(graphClassSchema),
  /** null where that half cannot be drawn; `missing` says what it needs. */
  left: categoryGraphSchema.nullable(),
  right: categoryGraphSchema.nullable(),
  missing: z.string().nullable(),
  /** τ of the run; null for a dataset. */
  propagationSteps: z.int().nullable(),
  /** Whether the model itself uses exactly these graphs (its rule, and a step before the last propagation). */
  used: z.boolean(),
  rule: edgeRuleSchema,
  /** Over all edges of either graph; null with one graph alone. */
  isometry: z
    .object({
      /** Mean |cos left − cos right| over the edges of either. */
      meanDifference: z.number(),
      /** Mean over classes of KL(α right ‖ α left), as METHOD.md section 3 has it for (visual, semantic). */
      meanDivergence: z.number(),
      /** Per class. */
      divergence: z.instanceof(Float32Array),
      /** Edges in the left graph only, in the right one only, and in both. */
      leftOnly: z.int(),
      rightOnly: z.int(),
      both: z.int(),
    })
    .nullable(),
})
export type Twins = z.infer<typeof twinsSchema>

/** Positions, x and y by turns, C×2, in a square from −1 to 1. */
const positionsSchema = z.instanceof(Float32Array)

export const graphLayoutSchema = z.object({
  /** One for both graphs. */
  shared: positionsSchema,
  /** Each its own, turned so as to be near the shared one; null where it was not asked for and where there is no graph. */
  left: positionsSchema.nullable(),
  right: positionsSchema.nullable(),
  /** Group of each class by the edges of both graphs, numbered from the largest. */
  clusters: z.instanceof(Int32Array),
})
export type GraphLayout = z.infer<typeof graphLayoutSchema>

/** States of the final training whose graphs were kept, episodes ascending, and the mean degrees at each. */
export const graphFilmSchema = z.object({
  episodes: z.array(z.int()),
  semanticMeanDegrees: z.array(z.number()),
  visualMeanDegrees: z.array(z.number()),
})
export type GraphFilm = z.infer<typeof graphFilmSchema>

export const graphFormatSchema = z.enum(['png', 'svg', 'graphml', 'cyjs', 'csv'])
export type GraphFormat = z.infer<typeof graphFormatSchema>

/** A file for the person to keep. */
export const exportedFileSchema = z.object({ name: z.string(), type: z.string(), bytes: z.instanceof(Uint8Array) })
export type ExportedFile = z.infer<typeof exportedFileSchema>
