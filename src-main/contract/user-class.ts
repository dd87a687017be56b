import { z } from 'zod'
import { classificationIdSchema } from './classification.ts'
import { findingSchema, matrixSchema } from './dataset.ts'
import { editHistorySchema } from './photos.ts'
import { accuraciesSchema, percentSchema, runIdSchema } from './run.ts'

const name = z.string().trim().min(1).max(200)
const index = z.int().min(0)
const share = z.number().min(0).max(1)

export const userClassIdSchema = z.string().regex(/^[a-z0-9-]{1,64}$/)
export type UserClassId = z.infer<typeof userClassIdSchema>

/** What stands in for the photos that a class does not have (METHOD.md section 5: the visual anchor). */
export const visualSourceSchema = z.object({
  /** Seen classes whose means it borrows, by name, and their parts (scaled to sum to 1); null: the nearest, as for any unseen class. */
  anchors: z
    .array(z.object({ class: name, weight: z.number().gt(0).max(1000) }))
    .min(1)
    .max(50)
    .nullable(),
  /** Part of the mean of its own photos beside the anchors; null: what held-out classes recommend for so many photos. */
  photoWeight: share.nullable(),
})
export type VisualSource = z.infer<typeof visualSourceSchema>

/** Photos that halve the part of the anchors, for a run that did not measure it on held-out classes. */
export const usualKappa = 2

/** A class that a person described. It belongs to a run and is handled like an unseen class: nothing is retrained. */
export const userClassSchema = z.object({
  id: userClassIdSchema,
  name,
  /** Whether it takes part in classifying and in the graphs. */
  on: z.boolean(),
  /** K values in the units of the dataset; NaN is "not known". */
  attributes: z.instanceof(Float32Array),
  visual: visualSourceSchema,
  /** Photos that the person gave it. */
  photos: z.array(z.object({ id: z.string(), name: z.string() })),
})
export type UserClass = z.infer<typeof userClassSchema>

/** An attribute as the classes of a run have it. */
export const describedAttributeSchema = z.object({
  name: z.string(),
  /** The person's group for it, else the dataset's, else null. */
  group: z.string().nullable(),
  /** `binary`: every known value is one of two (`low` and `high`). */
  kind: z.enum(['binary', 'graded']),
  /** Ends of the known values over all classes of the run: of its slider. */
  low: z.number(),
  high: z.number(),
  /** Over the seen classes: what training saw. */
  seenLow: z.number(),
  seenHigh: z.number(),
})
export type DescribedAttribute = z.infer<typeof describedAttributeSchema>

/** What a run knows of classes; does not change. */
export const classGuideSchema = z.object({
  attributes: z.array(describedAttributeSchema),
  /** Seen and unseen classes of the run, in the order of its scores. */
  classes: z.array(z.object({ name: z.string(), role: z.enum(['seen', 'unseen']) })),
  /** Their attributes, classes × K, in the units of the dataset; NaN is "not known". */
  rows: matrixSchema,
  /** How much the first photos of a class help, measured on held-out classes; null for a run made before there was this. */
  firstPhotos: z
    .object({
      /** A class with n photos takes n / (n + kappa) of their mean. */
      kappa: z.number(),
      classes: z.int(),
      /** Percent. */
      curve: z.array(z.object({ photos: z.int(), mean: z.number(), deviation: z.number() })),
    })
    .nullable(),
})
export type ClassGuide = z.infer<typeof classGuideSchema>

/** The person's classes of a run: `runs/<id>/classes.json`. Every change is kept at once. */
export const classBookSchema = z.object({
  run: runIdSchema,
  /** Rises with every change. */
  revision: z.int(),
  yours: z.array(userClassSchema),
  /** Names of the run's own unseen classes that are switched off. */
  off: z.array(z.string()),
  history: editHistorySchema,
  versions: z.array(z.object({ id: z.string(), name: z.string(), keptAt: z.iso.datetime(), classes: z.int() })),
})
export type ClassBook = z.infer<typeof classBookSchema>

export const classEditSchema = z.discriminatedUnion('kind', [
  /** `id`: chosen by the page, so that later edits of the same list can name it. Placed behind the others. */
  z.object({
    kind: z.literal('add-class'),
    id: userClassIdSchema,
    name,
    attributes: z.instanceof(Float32Array),
    visual: visualSourceSchema.optional(),
  }),
  z.object({ kind: z.literal('rename-class'), class: userClassIdSchema, name }),
  z.object({ kind: z.literal('remove-classes'), classes: z.array(userClassIdSchema).min(1).max(10_000) }),
  /** `value` null: not known. */
  z.object({
    kind: z.literal('set-attributes'),
    class: userClassIdSchema,
    cells: z
      .array(z.object({ attribute: index, value: z.number().nullable() }))
      .min(1)
      .max(100_000),
  }),
  z.object({ kind: z.literal('set-visual'), class: userClassIdSchema, visual: visualSourceSchema }),
  z.object({ kind: z.literal('switch'), classes: z.array(userClassIdSchema).min(1).max(10_000), on: z.boolean() }),
  /** Unseen classes of the run itself, by name. */
  z.object({ kind: z.literal('switch-own'), names: z.array(name).min(1).max(10_000), on: z.boolean() }),
  /** `group` null: back to the dataset's. */
  z.object({
    kind: z.literal('group-attributes'),
    attributes: z.array(index).min(1).max(100_000),
    group: name.nullable(),
  }),
  z.object({
    kind: z.literal('remove-photos'),
    class: userClassIdSchema,
    photos: z.array(z.string()).min(1).max(10_000),
  }),
])
export type ClassEdit = z.infer<typeof classEditSchema>

/** Where a table of classes is: a dropped file or pasted text (CSV, TSV; a name and values per line, attributes in the head). */
export const classTableSchema = z.union([
  z.object({ grant: z.string().max(64) }),
  z.object({ text: z.string().min(1).max(20_000_000) }),
])

export type ClassTable = z.infer<typeof classTableSchema>

/** What came of a table of classes. */
export const importedClassesSchema = z.object({
  book: classBookSchema,
  added: z.array(userClassIdSchema),
  findings: z.array(findingSchema),
})
export type ImportedClasses = z.infer<typeof importedClassesSchema>

/**
 * How well a run tells its classes and described ones on labelled images that it did not learn from: the dataset's test
 * images, and all that carry the name of a described class. Accuracies in percent, means over classes; null without images.
 */
export const classEvaluationSchema = z.object({
  run: runIdSchema,
  /** Among the classes that are not seen. */
  T1: percentSchema,
  /** At the run's own γ. */
  gamma: z.number(),
  ...accuraciesSchema.shape,
  /** The described classes that take part. */
  described: z.array(
    z.object({
      name: z.string(),
      /** Images of the dataset that carry its name. */
      images: z.int(),
      accuracy: percentSchema,
      /** Photos that it was given. They are judged by its description alone, so that none of them judges itself. */
      photos: z.int(),
      photosAccuracy: percentSchema,
    }),
  ),
  /** What of a table of classes could not be taken as it is. */
  findings: z.array(findingSchema),
})
export type ClassEvaluation = z.infer<typeof classEvaluationSchema>

/** Photos whose labels are looked at while a class is described. */
export const traySourceSchema = z.discriminatedUnion('kind', [
  /** Dropped photos, once they have been looked at. */
  z.object({ kind: z.literal('classification'), classification: classificationIdSchema }),
  /** Images of the run's dataset, spread evenly over the list. */
  z.object({
    kind: z.literal('dataset'),
    images: z.enum(['test-unseen', 'test-seen', 'test', 'unlabelled']),
    limit: z.int().min(1).max(10_000).default(200),
  }),
])
export type TraySource = z.input<typeof traySourceSchema>

export const trayIdSchema = z.string().max(64)

export const traySchema = z.object({
  id: trayIdSchema,
  /** `photo`: index in the classification or the dataset; null picture: the dataset holds features only. */
  photos: z.array(z.object({ photo: z.int(), name: z.string() })),
  pictures: z.boolean(),
})
export type Tray = z.infer<typeof traySchema>

/** A neighbour in a category graph: `class` is an index into `ClassPreview.classes`. */
const neighbourSchema = z.object({ class: z.int(), cosine: z.number(), attention: z.number() })

/**
 * What the model makes of a class as described now, with all others of the book that are on. The class itself is always
 * the last of `classes`.
 */
export const classPreviewSchema = z.object({
  classes: z.array(z.object({ name: z.string(), role: z.enum(['seen', 'unseen', 'yours']) })),
  /** By cosine(s_c P_s, s_j P_s), before propagation; at most 12, nearest first. */
  nearest: z.array(z.object({ class: z.int(), cosine: z.number() })),
  /** What its visual prototype is made of; shares sum to 1 with `photoShare`. */
  anchors: z.array(z.object({ class: z.int(), share: z.number() })),
  photoShare: z.number(),
  /** Seen classes it could borrow from, nearest first, at most 12. */
  candidates: z.array(z.object({ class: z.int(), cosine: z.number() })),
  /** Its row in the first graph of either space, without itself, most attention first, at most 12; `self`: attention to itself. */
  semantic: z.object({ neighbours: z.array(neighbourSchema), self: z.number() }),
  visual: z.object({ neighbours: z.array(neighbourSchema), self: z.number() }),
  /** Per photo of the tray; null without one. γ is in it. */
  tray: z
    .object({
      /** Score of this class. */
      scores: z.instanceof(Float32Array),
      /** Its probability (softmax at the run's temperature). */
      probabilities: z.instanceof(Float32Array),
      /** Index of the best class with this one, and without it. */
      labels: z.instanceof(Int32Array),
      labelsWithout: z.instanceof(Int32Array),
    })
    .nullable(),
  /** Is it learnable? Warnings with reasons; empty: nothing speaks against it. */
  findings: z.array(findingSchema),
  /**
   * Expected accuracy, percent, from held-out classes as near to their neighbours; null where a run has too few, and for a
   * class of which no attribute is known (`classes/nothing-known` is then among the findings).
   */
  estimate: z.object({ accuracy: z.number(), low: z.number(), high: z.number(), from: z.int() }).nullable(),
  /** How long the model took, ms. */
  milliseconds: z.number(),
})
export type ClassPreview = z.infer<typeof classPreviewSchema>
