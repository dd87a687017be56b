import { z } from 'zod'
import { backboneReferenceSchema } from './backbone.ts'
import { confidenceSchema } from './confidence.ts'
import { datasetIdSchema } from './dataset.ts'
import { deviceChoiceSchema, deviceNameSchema } from './device.ts'
import { wireErrorSchema } from './errors.ts'
import { trainingConfigSchema } from './training-config.ts'

export const runIdSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
export type RunId = z.infer<typeof runIdSchema>

export const methodSchema = z.enum(['ipn', 'eszsl'])
export type Method = z.infer<typeof methodSchema>

export const trainingRequestSchema = z.object({
  dataset: datasetIdSchema,
  method: methodSchema.default('ipn'),
  preset: z.enum(['quick', 'paper']).default('quick'),
  /** Knobs that differ from the preset. */
  set: trainingConfigSchema.partial().default({}),
  device: deviceChoiceSchema.default('auto'),
  seed: z.int().min(0).max(0xffffffff).default(1),
  /** Whether an ESZSL run on the same data and seed is made beside it, unless there is one. */
  baseline: z.boolean().default(false),
})
export type TrainingRequest = z.input<typeof trainingRequestSchema>

/** Percent; null where it cannot be measured (no such test images). */
export const percentSchema = z.number().min(0).max(100).nullable()

export const accuraciesSchema = z.object({ U: percentSchema, S: percentSchema, H: percentSchema })
export type Accuracies = z.infer<typeof accuraciesSchema>

/** Mean and standard deviation over the class hold-outs, percent. */
const estimateSchema = z.object({ mean: z.number(), deviation: z.number() })

/** What a finished run measured: the object that `unseen train --json` prints and the result card shows. Accuracies in percent. */
export const runResultSchema = z.object({
  run: runIdSchema,
  method: methodSchema,
  device: deviceNameSchema,
  seconds: z.number(),
  episodes: z.int(),
  parameters: z.int(),
  T1: percentSchema,
  /** At γ = 0. */
  ...accuraciesSchema.shape,
  /** At the γ chosen on held-out classes. */
  calibrated: accuraciesSchema.extend({ gamma: z.number() }),
  /** Area under the seen–unseen curve, 0 to 1. */
  ausuc: z.number().nullable(),
  /** The same figures on classes held out of trainval, means; H at each hold-out's own transferred γ. */
  heldOut: z.object({ T1: z.number(), U: z.number(), S: z.number(), H: z.number() }),
  heldOutSpread: z.object({ T1: estimateSchema, U: estimateSchema, S: estimateSchema, H: estimateSchema }),
  /** null for a method without category graphs. */
  graph: z.object({ semanticMeanDegree: z.number(), visualMeanDegree: z.number() }).nullable(),
  /** One sentence: how γ and the stopping point were chosen. */
  selection: z.string(),
  /** null for a run made before there was one. */
  confidence: confidenceSchema.nullable().default(null),
  /** Every held-out class of every hold-out (from 1); empty for ESZSL and for a run made before there were these. */
  heldOutClasses: z
    .array(
      z.object({
        class: z.string(),
        holdOut: z.int(),
        images: z.int(),
        /** Percent, at the hold-out's own γ among all of its classes. */
        accuracy: z.number(),
        /** Largest cosine to another class in the learned semantic space, before propagation. */
        nearest: z.number(),
      }),
    )
    .default([]),
  /** How much the first photos of a class help, measured on held-out classes; null as above, or where they have too few. */
  firstPhotos: z
    .object({
      /** A class with n photos takes n / (n + kappa) of their mean and the rest of its anchors'. */
      kappa: z.number(),
      classes: z.int(),
      /** Percent: mean and deviation over the classes. */
      curve: z.array(z.object({ photos: z.int(), mean: z.number(), deviation: z.number() })),
    })
    .nullable()
    .default(null),
})
export type RunResult = z.infer<typeof runResultSchema>

/** Points (U, S) of calibrated stacking from γ = −∞ to +∞, 0 to 1; at most a few hundred are kept for the picture. */
export const seenUnseenCurveSchema = z.object({
  U: z.instanceof(Float32Array),
  S: z.instanceof(Float32Array),
  gamma: z.instanceof(Float32Array),
})
export type SeenUnseenCurve = z.infer<typeof seenUnseenCurveSchema>

/** Where in the protocol a run is (METHOD.md section 12): choosing on a class hold-out, or the final training. */
export const phaseSchema = z.object({
  /** 1-based; the final training comes after the hold-outs. */
  index: z.int(),
  count: z.int(),
  kind: z.enum(['hold-out', 'final', 'evaluate']),
})
export type Phase = z.infer<typeof phaseSchema>

/** One line of `metrics.jsonl`. */
export const metricPointSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('step'),
    phase: phaseSchema,
    episode: z.int(),
    classification: z.number(),
    consistency: z.number(),
    semanticMeanDegree: z.number(),
    visualMeanDegree: z.number(),
    /** null until it can be told: at the beginning, and after a pause. */
    episodesPerSecond: z.number().nullable(),
    secondsLeft: z.number().nullable(),
  }),
  z.object({
    type: z.literal('held-out'),
    phase: phaseSchema,
    episode: z.int(),
    /** Percent, on held-out classes; U, S and H at the γ that suits this hold-out best at that moment. */
    T1: z.number(),
    U: z.number(),
    S: z.number(),
    H: z.number(),
  }),
])
export type MetricPoint = z.infer<typeof metricPointSchema>

export const runStateSchema = z.enum(['running', 'stopped', 'interrupted', 'failed', 'finished'])
export type RunState = z.infer<typeof runStateSchema>

/** `run.json` of a run folder. `interrupted`: its process went away; it can be resumed like a stopped one. */
export const runSummarySchema = z.object({
  id: runIdSchema,
  dataset: datasetIdSchema,
  datasetName: z.string(),
  datasetHash: z.string(),
  /** What made the features it learned from: new photos need the same. null where they came with the dataset. */
  backbone: backboneReferenceSchema.nullable().default(null),
  method: methodSchema,
  preset: z.enum(['quick', 'paper']),
  config: trainingConfigSchema,
  device: deviceChoiceSchema,
  seed: z.int(),
  startedAt: z.iso.datetime(),
  state: runStateSchema,
  /** Why it failed or was interrupted. */
  error: wireErrorSchema.nullable(),
  /** The ESZSL run made beside it, where there is one. */
  baseline: runIdSchema.nullable(),
  result: runResultSchema.nullable(),
  /** What a person should know of it: a device fell back, a graph died and how. */
  notes: z.array(z.string()),
})
export type RunSummary = z.infer<typeof runSummarySchema>

export const runDetailSchema = runSummarySchema.extend({
  metrics: z.array(metricPointSchema),
  curve: seenUnseenCurveSchema.nullable(),
  perClass: z.array(
    z.object({ class: z.string(), role: z.enum(['seen', 'unseen']), images: z.int(), accuracy: z.number() }),
  ),
})
export type RunDetail = z.infer<typeof runDetailSchema>
