import { join } from 'node:path'
import { AppError, type Finding } from '../../contract/index.ts'
import type { TaskContext } from '../jobs/task.ts'
import { arrays } from './arrays.ts'
import { openDropped } from './dropped.ts'
import type { DatasetSource, Importer } from './source.ts'
import { awa2 } from './layouts/awa2.ts'
import { cub } from './layouts/cub.ts'
import { imageFolder } from './layouts/image-folder.ts'
import { storedPhotos } from './layouts/stored-photos.ts'
import { xlsa17 } from './xlsa17.ts'

/** In this order: what we wrote ourselves is told by its names, features count more than the photos that lie beside them, and a layout of its own more than folders. */
const importers: readonly Importer[] = [storedPhotos, xlsa17, arrays, cub, awa2, imageFolder]

export interface OpenedSource {
  readonly importer: Importer
  readonly source: DatasetSource
}

/**
 * Reads what was dropped, all but the feature values. Zips are unpacked into `working`.
 * `onListed` hears what was recognised before it is read: where that fails, a report still says what is known.
 */
export async function openSource(
  paths: readonly string[],
  working: string,
  context: TaskContext,
  onListed: (importer: Importer | undefined, findings: readonly Finding[]) => void,
): Promise<OpenedSource> {
  const dropped = await openDropped(paths, join(working, 'unpacked'), context)
  const importer = importers.find((candidate) => candidate.recognises(dropped))
  onListed(importer, dropped.findings)
  if (importer === undefined) {
    throw new AppError('dataset/unknown-layout', 'No dataset was recognised in what you dropped.', {
      next: 'Drop a folder that holds a folder of photos for each class, or one with res101.mat and att_splits.mat, or with features.npy, labels.npy, attributes.csv and splits.json. Unpack archives other than zip first.',
    })
  }
  const source = await importer.read(dropped, context.signal)
  return { importer, source: { ...source, findings: [...dropped.findings, ...source.findings] } }
}
