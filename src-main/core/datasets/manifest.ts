import { datasetManifestSchema, type DatasetManifest } from '../../contract/index.ts'

/** `manifest.json`, with its keys in one order whoever made it: the same manifest has the same bytes. */
export const manifestBytes = (manifest: DatasetManifest): Buffer =>
  Buffer.from(`${JSON.stringify(datasetManifestSchema.parse(manifest), null, 2)}\n`)
