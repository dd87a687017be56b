import { z } from 'zod'

/** Folder name of a backbone inside the workspace; also its identity. `basic` is the one that comes with the application. */
export const backboneIdSchema = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/)
export type BackboneId = z.infer<typeof backboneIdSchema>

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)
const perChannel = z.tuple([z.number(), z.number(), z.number()])

/**
 * How a photo becomes the network's input and the network's output a feature vector.
 * An input value is (pixel × scale + offset − mean[c]) / std[c], pixel 0 to 255, c in the order of `channels`.
 */
export const backboneRecipeSchema = z.object({
  /** Name of the graph's input. */
  input: z.string().min(1),
  inputType: z.enum(['float32', 'float16', 'uint8']),
  layout: z.enum(['NCHW', 'NHWC']),
  channels: z.enum(['RGB', 'BGR']),
  /** Height and width, pixels. */
  inputSize: z.tuple([z.int().min(1).max(4096), z.int().min(1).max(4096)]),
  /** Length of the shorter side before the centre crop, pixels; null: as large as the crop. Not used by `stretch`. */
  shorterSide: z.int().min(1).max(8192).nullable(),
  /** `cover`: scaled and cropped at the centre; `stretch`: squeezed to the input's size. */
  fit: z.enum(['cover', 'stretch']),
  scale: z.number(),
  offset: z.number(),
  mean: perChannel,
  std: perChannel,
  /** Images of one run where the graph fixes it; null: any number. */
  batch: z.int().min(1).max(1024).nullable(),
  /** Name of the tensor that is read: an output of the graph or any tensor inside it. */
  output: z.string().min(1),
  /** `average`: over height and width (of N×C×H×W) or over tokens; `cls`: the first token; `none`: as it is. */
  pooling: z.enum(['none', 'average', 'cls']),
  /** D, length of a feature vector. */
  dimension: z.int().min(1).max(65_536),
})
export type BackboneRecipe = z.infer<typeof backboneRecipeSchema>

/** `manifest.json` of a backbone folder. */
export const backboneManifestSchema = z.object({
  id: backboneIdSchema,
  name: z.string().trim().min(1).max(120),
  recipe: backboneRecipeSchema,
  licence: z.string().max(200),
  /** Where it comes from, for a person. */
  source: z.string().max(500),
  /** Of the .onnx file. With the recipe it names the features that are kept in the cache. */
  sha256: sha256Schema,
})
export type BackboneManifest = z.infer<typeof backboneManifestSchema>

/** What a person can choose: one that is installed, or one of the catalogue that can be had. */
export const backboneSchema = z.object({
  id: backboneIdSchema,
  name: z.string(),
  /** `basic` comes with the application and is made on first use; `catalogue` can be downloaded; `own` was dropped. */
  origin: z.enum(['basic', 'catalogue', 'own']),
  /** One line: what it is good for. */
  note: z.string(),
  licence: z.string(),
  source: z.string(),
  /** D; null until it is known. */
  dimension: z.int().nullable(),
  /** Whether features can be made with it now. */
  installed: z.boolean(),
  /** null where it cannot be downloaded: drop the file instead. */
  download: z
    .object({
      /** Host it comes from, e.g. `huggingface.co`. */
      from: z.string(),
      bytes: z.number().nullable(),
      /** Whether its publisher records a checksum that the download is held against. */
      verified: z.boolean(),
      /** Bytes that an earlier, cut download left; it goes on from there. */
      partial: z.number(),
    })
    .nullable(),
})
export type Backbone = z.infer<typeof backboneSchema>

/** A tensor that can be an input or an output of a network. */
export const backboneTensorSchema = z.object({
  name: z.string(),
  type: z.string(),
  /** A number, the name of one that varies, or null where the file does not tell. */
  shape: z.array(z.union([z.number(), z.string()])).nullable(),
  /** Operation that makes it; null for an input. */
  operation: z.string().nullable(),
})
export type BackboneTensor = z.infer<typeof backboneTensorSchema>

/** A dropped .onnx file that has been looked at, before it is imported. */
export const backboneDraftSchema = z.object({
  /** Names this draft when it is imported. */
  id: z.string(),
  name: z.string(),
  sha256: sha256Schema,
  bytes: z.number(),
  licence: z.string(),
  source: z.string(),
  inputs: z.array(backboneTensorSchema),
  outputs: z.array(backboneTensorSchema),
  /** Tensors inside the graph that could be read instead, nearest to the end first; at most some hundreds. */
  inner: z.array(backboneTensorSchema),
  /** What can be told from the file; a guess where it is silent. */
  recipe: backboneRecipeSchema,
  /** Fields of `recipe` that are guesses, for the person to check. */
  guessed: z.array(z.string()),
})
export type BackboneDraft = z.infer<typeof backboneDraftSchema>

/** Which backbone made the features of a dataset. */
export const backboneReferenceSchema = z.object({ id: backboneIdSchema, name: z.string(), sha256: sha256Schema })
export type BackboneReference = z.infer<typeof backboneReferenceSchema>
