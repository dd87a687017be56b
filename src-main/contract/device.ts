import { z } from 'zod'

/**
 * Where a training step runs. `cuda` (NVIDIA, Linux), `directml` (Windows) and `coreml` (macOS) are onnxruntime's own ways
 * to a card; `tensorflow` is an optional engine that the person adds herself.
 */
export const deviceNameSchema = z.enum(['cpu', 'webgpu', 'cuda', 'directml', 'coreml', 'tensorflow'])
export type DeviceName = z.infer<typeof deviceNameSchema>

/** `auto`: the fastest device that solves the probe problem correctly. */
export const deviceChoiceSchema = z.enum(['auto', ...deviceNameSchema.options])
export type DeviceChoice = z.infer<typeof deviceChoiceSchema>

export const deviceReportSchema = z.object({
  name: deviceNameSchema,
  /** e.g. the processor's or adapter's name. */
  label: z.string(),
  available: z.boolean(),
  /** Why it is missing, or what is worth knowing (a software renderer, say). */
  note: z.string().nullable(),
  /** What the person can do about `note`: one sentence; null where there is nothing to do. */
  next: z.string().nullable(),
  /** It hung or ended its process: `auto` leaves it out until the person has it measured again. */
  leftOut: z.boolean(),
  /** An engine that somebody added, and can remove. */
  removable: z.boolean(),
  /** Why `auto` takes this one: one sentence; null for every other. */
  chosen: z.string().nullable(),
  /** Measured on a 512×2048×1024 product; null where it could not be. */
  gflops: z.number().nullable(),
  /** Median of a training step at the probe's size, ms; null where it could not be measured. */
  msPerStep: z.number().nullable(),
  /** Largest error on the project's own golden problem (METHOD.md section 10's measure). */
  goldenError: z.number().nullable(),
})
export type DeviceReport = z.infer<typeof deviceReportSchema>

/** What the backend runs on, which need not be what the page is looked at on. */
export const machineSchema = z.object({
  processor: z.string(),
  /** Logical processors that may be used. */
  cores: z.int().min(1),
  memoryBytes: z.number(),
})
export type Machine = z.infer<typeof machineSchema>
