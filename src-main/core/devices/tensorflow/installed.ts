import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { findBinding } from '../../compute/tensorflow/index.ts'
import { readJson } from '../../workspace/index.ts'

const markerSchema = z.object({
  /** Of TensorFlow. */
  version: z.string(),
  cuda: z.boolean(),
  /** A package installed beside the application that is used; null: what lies beside this file. */
  package: z.string().nullable(),
  /** One sentence: what was done. */
  how: z.string(),
})
export type Marker = z.infer<typeof markerSchema>

export interface Installed {
  readonly version: string
  readonly cuda: boolean
  /** For `createTensorFlowEngine`. */
  readonly folder: string
  /** One sentence: what was done. */
  readonly how: string
}

/** Where things lie in the application's folder of engines. */
export const places = (engines: string) => ({
  engine: join(engines, 'tensorflow'),
  /** An engine on its way; never taken for one. */
  unfinished: join(engines, 'tensorflow.unfinished'),
  downloads: join(engines, 'downloads'),
})

export const markerIn = (engine: string): string => join(engine, 'engine.json')

/** The TensorFlow that was added and is still there; null where there is none. */
export async function installedTensorFlow(engines: string): Promise<Installed | null> {
  const { engine } = places(engines)
  const marker = await readJson(markerIn(engine), markerSchema).catch(() => null)
  if (marker === null) return null
  const { version, cuda, how } = marker
  const folder = marker.package ?? engine
  const binding = findBinding(folder)
  const there =
    binding !== null &&
    (await stat(binding).then(
      (found) => found.isFile(),
      () => false,
    ))
  return there ? { version, cuda, folder, how } : null
}

/** Undoes an installation, finished or not; nothing happens where there is none. */
export async function removeTensorFlow(engines: string): Promise<void> {
  const { engine, unfinished, downloads } = places(engines)
  await rm(unfinished, { recursive: true, force: true })
  // Out of the way first: removed by half, it must not pass for whole.
  await rename(engine, unfinished).catch(() => undefined)
  await rm(unfinished, { recursive: true, force: true })
  await rm(downloads, { recursive: true, force: true })
}
