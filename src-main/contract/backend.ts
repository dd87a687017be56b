import { z } from 'zod'
import { backboneDraftSchema, backboneIdSchema, backboneManifestSchema, backboneSchema } from './backbone.ts'
import { classificationIdSchema, classificationSchema, predictionSchema } from './classification.ts'
import {
  addedPhotosSchema,
  datasetDetailSchema,
  datasetIdSchema,
  datasetManifestSchema,
  importChoicesSchema,
  attributeTableSchema,
  matrixSchema,
  preflightReportSchema,
} from './dataset.ts'
import { deviceNameSchema, deviceReportSchema, machineSchema } from './device.ts'
import { wireErrorSchema } from './errors.ts'
import { askedImageSchema, explanationSchema } from './explanation.ts'
import {
  exportedFileSchema,
  graphFilmSchema,
  graphFormatSchema,
  graphLayoutSchema,
  twinsQuestionSchema,
  twinsSchema,
} from './graph.ts'
import { datasetEditSchema, photoTableSchema } from './photos.ts'
import { metricPointSchema, runDetailSchema, runIdSchema, runSummarySchema, trainingRequestSchema } from './run.ts'
import {
  classBookSchema,
  classEditSchema,
  classEvaluationSchema,
  classGuideSchema,
  classPreviewSchema,
  classTableSchema,
  importedClassesSchema,
  trayIdSchema,
  traySchema,
  traySourceSchema,
  userClassIdSchema,
  visualSourceSchema,
} from './user-class.ts'

const nothing = z.undefined()
const grants = z.array(z.string().max(64)).min(1).max(10_000)
const index = z.int().min(0)
/** A JPEG, upright; empty where the photo cannot be read. */
const pictures = z.array(z.instanceof(Uint8Array))

/** Long work that can be watched and cancelled. */
export const jobSchema = z.object({
  id: z.string(),
  kind: z.enum(['inspect', 'import', 'demo', 'extract', 'backbone', 'train', 'classify', 'probe', 'device']),
  /** What it works on, for a person: a dataset's or run's name. */
  title: z.string(),
  state: z.enum(['running', 'cancelling', 'done', 'cancelled', 'failed']),
  /** 0 to 1; null while it cannot be told. */
  progress: z.number().min(0).max(1).nullable(),
  /** One short line: what it is doing now. */
  message: z.string(),
  secondsLeft: z.number().nullable(),
  error: wireErrorSchema.nullable(),
  /** The dataset or run that it makes, once known. */
  dataset: datasetIdSchema.nullable(),
  run: runIdSchema.nullable(),
})
export type Job = z.infer<typeof jobSchema>

export const aboutSchema = z.object({
  version: z.string(),
  /** Name of the workspace folder; the page never learns its path. */
  workspace: z.string(),
  host: z.enum(['desktop', 'web', 'cli']),
  machine: machineSchema,
})
export type About = z.infer<typeof aboutSchema>

/** The whole visible state at one moment; who (re)connects gets it first. */
export const snapshotSchema = z.object({
  about: aboutSchema,
  datasets: z.array(datasetManifestSchema),
  runs: z.array(runSummarySchema),
  jobs: z.array(jobSchema),
  /** Empty until the devices have been probed. */
  devices: z.array(deviceReportSchema),
  /** Installed or to be had. */
  backbones: z.array(backboneSchema),
  classifications: z.array(classificationSchema),
  /** Of the runs that have any class of the person's. */
  classBooks: z.array(classBookSchema),
})
export type Snapshot = z.infer<typeof snapshotSchema>

/** What changed. Each carries the whole new thing, so that applying one twice does no harm. */
export const backendEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('dataset'), dataset: datasetManifestSchema }),
  z.object({ type: z.literal('dataset-removed'), dataset: datasetIdSchema }),
  z.object({ type: z.literal('run'), run: runSummarySchema }),
  z.object({ type: z.literal('run-removed'), run: runIdSchema }),
  z.object({ type: z.literal('metrics'), run: runIdSchema, points: z.array(metricPointSchema) }),
  z.object({ type: z.literal('job'), job: jobSchema }),
  z.object({ type: z.literal('devices'), devices: z.array(deviceReportSchema) }),
  z.object({ type: z.literal('backbones'), backbones: z.array(backboneSchema) }),
  z.object({ type: z.literal('classification'), classification: classificationSchema }),
  z.object({ type: z.literal('classification-removed'), classification: classificationIdSchema }),
  z.object({ type: z.literal('class-book'), book: classBookSchema }),
  z.object({
    type: z.literal('predictions'),
    classification: classificationIdSchema,
    predictions: z.array(predictionSchema),
  }),
])
export type BackendEvent = z.infer<typeof backendEventSchema>

/** An event and its number. Numbers rise by one; a snapshot carries the number of the last event it contains. */
export type Numbered = { readonly sequence: number; readonly event: BackendEvent }
export type NumberedSnapshot = { readonly sequence: number; readonly snapshot: Snapshot }

/**
 * Every command: what goes in (checked once, where it arrives) and what comes out.
 * Reading this is reading the product.
 */
export const commands = {
  // Datasets
  /** Looks at what was dropped and reports; writes nothing. Long: watch the job of kind `inspect`. */
  inspectDataset: {
    input: z.object({ grants }),
    output: preflightReportSchema,
  },
  /**
   * Imports what a report described; resolves when the dataset is whole. The same content is not kept twice: the dataset
   * that is there already comes back. Long: watch the job of kind `import`.
   */
  importDataset: { input: importChoicesSchema.extend({ report: z.string() }), output: datasetManifestSchema },
  getDataset: { input: z.object({ dataset: datasetIdSchema }), output: datasetDetailSchema },
  /** The attribute matrix, classes × attributes, as imported (unscaled). */
  getAttributes: { input: z.object({ dataset: datasetIdSchema }), output: matrixSchema },
  renameDataset: {
    input: z.object({ dataset: datasetIdSchema, name: z.string().trim().min(1).max(120) }),
    output: datasetManifestSchema,
  },
  /** Moves it to the workspace's trash; `restoreDataset` brings it back. */
  removeDataset: { input: z.object({ dataset: datasetIdSchema }), output: nothing },
  restoreDataset: { input: z.object({ dataset: datasetIdSchema }), output: datasetManifestSchema },
  /** Draws Critters and imports them, unless they are there: imaginary animals to try the application with. Long: `demo`. */
  createDemo: { input: z.object({}), output: datasetManifestSchema },

  // Photos of a dataset
  getPhotos: { input: z.object({ dataset: datasetIdSchema }), output: photoTableSchema },
  /** At most 256 pixels on the longer side. */
  getThumbnails: {
    input: z.object({ dataset: datasetIdSchema, photos: z.array(index).max(256) }),
    output: pictures,
  },
  /** One photo at most 1,600 pixels on the longer side. */
  getPhoto: { input: z.object({ dataset: datasetIdSchema, photo: index }), output: z.instanceof(Uint8Array) },
  /** Adds dropped photos to a class. Features are not there for them until `extractFeatures`. Long: `import`. */
  addPhotos: {
    input: z.object({ dataset: datasetIdSchema, class: index, grants }),
    output: addedPhotosSchema,
  },
  /**
   * Reads a dropped table of attributes (csv, tsv, xlsx, DELTA, scores of Lucid) and changes nothing: what of it is taken
   * over goes to `editDataset`. Long: `inspect`.
   */
  readAttributeTable: { input: z.object({ dataset: datasetIdSchema, grants }), output: attributeTableSchema },
  /** Applies all or none; together they are one step of undo. */
  editDataset: {
    input: z.object({ dataset: datasetIdSchema, edits: z.array(datasetEditSchema).min(1).max(10_000) }),
    output: datasetDetailSchema,
  },
  undoEdit: { input: z.object({ dataset: datasetIdSchema }), output: datasetDetailSchema },
  redoEdit: { input: z.object({ dataset: datasetIdSchema }), output: datasetDetailSchema },
  /** `count` classes that could be unseen while a seen class still covers every attribute; fewer where that fails. */
  suggestUnseen: {
    input: z.object({ dataset: datasetIdSchema, count: z.int().min(1).max(10_000) }),
    output: z.object({ classes: z.array(index) }),
  },

  // Backbones
  /** Looks at a dropped .onnx file; keeps nothing. */
  inspectBackbone: { input: z.object({ grant: z.string().max(64) }), output: backboneDraftSchema },
  /** Imports what a draft describes; tries it on a picture first. */
  importBackbone: {
    input: z.object({ draft: z.string(), ...backboneManifestSchema.omit({ id: true, sha256: true }).shape }),
    output: backboneSchema,
  },
  /** Goes on where an earlier download was cut. Long: `backbone`. */
  downloadBackbone: { input: z.object({ backbone: backboneIdSchema }), output: backboneSchema },
  /** Moves it to the workspace's trash. */
  removeBackbone: { input: z.object({ backbone: backboneIdSchema }), output: nothing },
  restoreBackbone: { input: z.object({ backbone: backboneIdSchema }), output: backboneSchema },
  /** Makes the features of a dataset's photos; those that were ever made with this backbone cost nothing. Long: `extract`. */
  extractFeatures: {
    input: z.object({ dataset: datasetIdSchema, backbone: backboneIdSchema }),
    output: datasetManifestSchema,
  },

  // Runs
  /** How long such a training would take, by some of its steps measured on generated data. Long: a job of kind `probe`. */
  estimateTraining: {
    input: trainingRequestSchema,
    output: z.object({ device: deviceNameSchema, episodesPerSecond: z.number(), seconds: z.number() }),
  },
  /** Somebody is about to start a training: its process starts now, so that the click need not wait for it. */
  prepareTraining: { input: z.object({}), output: nothing },
  /** Starts a training and returns at once; follow it by its events. */
  startTraining: { input: trainingRequestSchema, output: runSummarySchema },
  /** Stops and keeps: the run's state is written, and it can be resumed. */
  stopTraining: { input: z.object({ run: runIdSchema }), output: runSummarySchema },
  resumeTraining: { input: z.object({ run: runIdSchema }), output: runSummarySchema },
  getRun: { input: z.object({ run: runIdSchema }), output: runDetailSchema },
  /** Measures a finished run's stored model again on its dataset's test images. */
  evaluateRun: { input: z.object({ run: runIdSchema }), output: runSummarySchema },
  removeRun: { input: z.object({ run: runIdSchema }), output: nothing },
  restoreRun: { input: z.object({ run: runIdSchema }), output: runSummarySchema },

  // Classify
  /** Looks at dropped photos with a finished run; follow it by its events. The person's classes that are on take part. */
  startClassification: {
    input: z.object({
      run: runIdSchema,
      grants,
      /** A table of classes that take part for this once instead of the run's class book. */
      classes: classTableSchema.optional(),
    }),
    output: classificationSchema,
  },
  /** Everything that was said of its photos so far. */
  getClassification: {
    input: z.object({ classification: classificationIdSchema }),
    output: z.object({ classification: classificationSchema, predictions: z.array(predictionSchema) }),
  },
  getClassifiedThumbnails: {
    input: z.object({ classification: classificationIdSchema, photos: z.array(index).max(256) }),
    output: pictures,
  },
  /** Adds photos to the run's dataset, each to the class that the person confirmed or chose. Long: `import`. */
  keepClassified: {
    input: z.object({
      classification: classificationIdSchema,
      photos: z
        .array(z.object({ photo: index, class: index }))
        .min(1)
        .max(100_000),
    }),
    output: addedPhotosSchema,
  },
  /** Copies photos into a folder per class inside the granted folder; nothing there is overwritten. */
  sortClassified: {
    input: z.object({
      classification: classificationIdSchema,
      into: z.string().max(64),
      /** `folder`: name of the folder, e.g. the class's; made safe for every file system. */
      photos: z
        .array(z.object({ photo: index, folder: z.string().min(1).max(200) }))
        .min(1)
        .max(1_000_000),
    }),
    output: z.object({ copied: z.int() }),
  },
  cancelClassification: { input: z.object({ classification: classificationIdSchema }), output: nothing },
  removeClassification: { input: z.object({ classification: classificationIdSchema }), output: nothing },

  /** Why a finished run gives an image its label, at some γ. `against`: the class to compare with; null: the runner-up. */
  explain: {
    input: z.object({
      run: runIdSchema,
      image: askedImageSchema,
      gamma: z.number(),
      against: index.nullable().default(null),
    }),
    output: explanationSchema,
  },

  // Graphs
  /** Both category graphs over the same classes, computed by the code that trains. */
  getTwins: { input: twinsQuestionSchema, output: twinsSchema },
  /** Where to draw the classes of such twins, in `own` places of either graph, too; the same question has the same answer. */
  layOutTwins: { input: twinsQuestionSchema.extend({ own: z.boolean().default(false) }), output: graphLayoutSchema },
  /** The states that a run kept while it trained; empty where it kept none. */
  getGraphFilm: { input: z.object({ run: runIdSchema }), output: graphFilmSchema },
  /** `positions`: as drawn (C×2, −1 to 1); null: `layOutTwins`' shared ones. A picture shows one side or both. */
  exportTwins: {
    input: twinsQuestionSchema.extend({
      format: graphFormatSchema,
      side: z.enum(['left', 'right', 'both']).default('both'),
      positions: z.instanceof(Float32Array).nullable().default(null),
      theme: z.enum(['light', 'dark']).default('light'),
    }),
    output: exportedFileSchema,
  },

  // Classes that nobody has photographed
  getClassGuide: { input: z.object({ run: runIdSchema }), output: classGuideSchema },
  getClassBook: { input: z.object({ run: runIdSchema }), output: classBookSchema },
  /** Applies all or none; together they are one step of undo. */
  editClasses: {
    input: z.object({ run: runIdSchema, edits: z.array(classEditSchema).min(1).max(10_000) }),
    output: classBookSchema,
  },
  undoClassEdit: { input: z.object({ run: runIdSchema }), output: classBookSchema },
  redoClassEdit: { input: z.object({ run: runIdSchema }), output: classBookSchema },
  /** Adds the classes of a table; attributes are matched by name, those it lacks are "not known". One step of undo. */
  importClasses: { input: z.object({ run: runIdSchema, table: classTableSchema }), output: importedClassesSchema },
  /** As a table that `importClasses` reads; null: all. */
  exportClasses: {
    input: z.object({ run: runIdSchema, classes: z.array(userClassIdSchema).max(10_000).nullable() }),
    output: exportedFileSchema,
  },
  /** Copies classes into another run's book; attributes are matched by name. One step of undo there. */
  carryClasses: {
    input: z.object({ from: runIdSchema, to: runIdSchema, classes: z.array(userClassIdSchema).min(1).max(10_000) }),
    output: importedClassesSchema,
  },
  keepClassVersion: {
    input: z.object({ run: runIdSchema, name: z.string().trim().min(1).max(120) }),
    output: classBookSchema,
  },
  /** One step of undo. */
  restoreClassVersion: { input: z.object({ run: runIdSchema, version: z.string() }), output: classBookSchema },
  removeClassVersion: { input: z.object({ run: runIdSchema, version: z.string() }), output: classBookSchema },
  /** Gives a class its first photos: dropped ones, or some that were classified. One step of undo. Long: `extract`. */
  addClassPhotos: {
    input: z.object({
      run: runIdSchema,
      class: userClassIdSchema,
      photos: z.union([
        z.object({ grants }),
        z.object({ classification: classificationIdSchema, photos: z.array(index).min(1).max(1000) }),
      ]),
    }),
    output: importedClassesSchema,
  },
  getClassPhotoThumbnails: {
    input: z.object({ run: runIdSchema, class: userClassIdSchema, photos: z.array(z.string()).max(256) }),
    output: pictures,
  },
  /** Makes photos ready to be looked at while a class is described; stays until the run's model is put away. */
  openTray: { input: z.object({ run: runIdSchema, source: traySourceSchema }), output: traySchema },
  /** What the model makes of a class as described now; keeps nothing. Quick enough for every movement of a slider. */
  previewClass: {
    input: z.object({
      run: runIdSchema,
      tray: trayIdSchema.nullable(),
      /** One of the book's, changed or not, or a new one. */
      class: z.object({
        id: userClassIdSchema,
        name: z.string().max(200),
        attributes: z.instanceof(Float32Array),
        visual: visualSourceSchema,
      }),
    }),
    output: classPreviewSchema,
  },
  /** Measures a run with the person's classes that are on, or with those of a table in their place; keeps nothing. */
  evaluateClasses: {
    input: z.object({ run: runIdSchema, classes: classTableSchema.optional() }),
    output: classEvaluationSchema,
  },

  // Everything
  cancelJob: { input: z.object({ job: z.string() }), output: nothing },
  /** Measures the devices (again). Long: watch the job of kind `probe`. */
  probeDevices: { input: z.object({}), output: z.array(deviceReportSchema) },
  /**
   * Installs an engine that does not come with the application, and measures it; resolves when it works. `wheels`: a
   * folder of Python wheels to take instead of downloading. Goes on where an earlier attempt was cut. Long: `device`.
   */
  addDevice: {
    input: z.object({
      device: z.literal('tensorflow'),
      cuda: z.boolean().default(false),
      wheels: z.string().max(64).nullable().default(null),
    }),
    output: z.array(deviceReportSchema),
  },
  /** Undoes `addDevice`. */
  removeDevice: { input: z.object({ device: z.literal('tensorflow') }), output: z.array(deviceReportSchema) },
} as const

export type CommandName = keyof typeof commands
export type CommandInput<N extends CommandName> = z.input<(typeof commands)[N]['input']>
export type CommandOutput<N extends CommandName> = z.output<(typeof commands)[N]['output']>

/** The application, as everyone who uses it sees it: in process, through a port or through a socket. Rejects with AppError. */
export type Backend = {
  [N in CommandName]: (input: CommandInput<N>) => Promise<CommandOutput<N>>
} & {
  /** Calls back with a snapshot first, then with every later event in order; again with a snapshot if any was missed. */
  subscribe(listener: BackendListener): () => void
}

export interface BackendListener {
  snapshot(state: NumberedSnapshot): void
  event(event: Numbered): void
}
