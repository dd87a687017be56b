import { z } from 'zod'
import { backboneReferenceSchema } from './backbone.ts'
import { editHistorySchema } from './photos.ts'

/** An id that the host gave out for something the person dropped, chose or uploaded. Never a path. */
export const grantSchema = z.object({
  id: z.string().min(1).max(64),
  name: z.string(),
  kind: z.enum(['file', 'folder']),
})
export type Grant = z.infer<typeof grantSchema>

/** Folder name of a dataset inside the workspace; also its identity. */
export const datasetIdSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
export type DatasetId = z.infer<typeof datasetIdSchema>

export const layoutSchema = z.enum(['xlsa17', 'arrays', 'image-folder', 'awa2', 'cub'])
export type Layout = z.infer<typeof layoutSchema>

/** One line of the pre-flight report. `problem` prevents the import, `warning` does not. */
export const findingSchema = z.object({
  level: z.enum(['ok', 'warning', 'problem']),
  code: z.string(),
  message: z.string(),
  next: z.string().optional(),
  /** A few of the things concerned, e.g. class names; never all of a million. */
  examples: z.array(z.string()).max(20).optional(),
})
export type Finding = z.infer<typeof findingSchema>

/** How many images each list of the split names. `train`/`validation` are the benchmark's own hold-out, where the files carry one. */
export const splitSizesSchema = z.object({
  trainval: z.int(),
  testSeen: z.int(),
  testUnseen: z.int(),
  train: z.int().nullable(),
  validation: z.int().nullable(),
})

export const countsSchema = z.object({
  images: z.int(),
  classes: z.int(),
  seen: z.int(),
  unseen: z.int(),
  attributes: z.int(),
  /** Values of the attribute matrix that are not known (NaN, or −1 read as unknown). */
  unknownAttributes: z.int(),
  /** Width of a feature vector; null for a dataset without features. */
  features: z.int().nullable(),
})
export type Counts = z.infer<typeof countsSchema>

/** What is in a dropped folder, told before anything is written. */
export const preflightReportSchema = z.object({
  /** Names this report when it is imported. */
  id: z.string(),
  /** Suggested name of the dataset. */
  name: z.string(),
  layout: layoutSchema.nullable(),
  counts: countsSchema.nullable(),
  splits: splitSizesSchema.nullable(),
  findings: z.array(findingSchema),
  /** Values of −1 in the attribute matrix; AWA writes "not known" so. */
  minusOnes: z.int(),
  /** Photos that would be imported; 0 for a dataset of features. */
  photos: z.int(),
  importable: z.boolean(),
})
export type PreflightReport = z.infer<typeof preflightReportSchema>

export const importChoicesSchema = z.object({
  name: z.string().trim().min(1).max(120).optional(),
  /** Whether an attribute of −1 is a number like any other or AWA's "not known". */
  minusOne: z.enum(['value', 'unknown']).default('value'),
})
export type ImportChoices = z.input<typeof importChoicesSchema>

/** `manifest.json` of a dataset folder. */
export const datasetManifestSchema = z.object({
  id: datasetIdSchema,
  name: z.string(),
  layout: layoutSchema,
  importedAt: z.iso.datetime(),
  /** SHA-256 over the stored features, labels, attributes and splits: a run says which data it was made on. */
  contentHash: z.string(),
  counts: countsSchema,
  splits: splitSizesSchema,
  findings: z.array(findingSchema),
  /** Whether it holds photos: they can be looked at, edited and given other features. */
  photos: z.boolean().default(false),
  /** Drawn by this application: to understand the idea with, never a benchmark. */
  drawn: z.boolean().default(false),
  /** What made the features of the photos; null where there are none yet, or where they came with the dataset. */
  backbone: backboneReferenceSchema.nullable().default(null),
})
export type DatasetManifest = z.infer<typeof datasetManifestSchema>

export const classInfoSchema = z.object({
  index: z.int(),
  name: z.string(),
  /** `none`: in neither split list, so it takes no part. */
  role: z.enum(['seen', 'unseen', 'none']),
  images: z.int(),
  unknownAttributes: z.int(),
})
export type ClassInfo = z.infer<typeof classInfoSchema>

export const datasetDetailSchema = datasetManifestSchema.extend({
  classes: z.array(classInfoSchema),
  attributeNames: z.array(z.string()),
  /** Group of each attribute; null: in none. */
  attributeGroups: z.array(z.string().nullable()),
  /** Only a dataset of photos can be edited. */
  history: editHistorySchema,
})
export type DatasetDetail = z.infer<typeof datasetDetailSchema>

/** What came of adding photos. */
export const addedPhotosSchema = z.object({
  dataset: datasetDetailSchema,
  added: z.int(),
  /** Why others were not taken; empty where all were. */
  leftOut: z.array(findingSchema),
})
export type AddedPhotos = z.infer<typeof addedPhotosSchema>

/** Row-major matrix; NaN is "not known". */
export const matrixSchema = z.object({
  rows: z.int(),
  columns: z.int(),
  values: z.instanceof(Float32Array),
})
export type Matrix = z.infer<typeof matrixSchema>

/** A table of attributes from elsewhere, beside a dataset: which of its names the dataset has, and where. */
export const attributeTableSchema = z.object({
  /** What the person knows it by. */
  file: z.string(),
  classes: z.array(z.object({ name: z.string(), index: z.int().nullable() })),
  attributes: z.array(z.object({ name: z.string(), group: z.string().nullable(), index: z.int().nullable() })),
  /** Its classes × its attributes; NaN is "not known". */
  values: matrixSchema,
  findings: z.array(findingSchema),
})
export type AttributeTable = z.infer<typeof attributeTableSchema>
