import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, grouped, type DatasetId } from '../../contract/index.ts'
import { createDatasetStore, writeFeaturesFile } from '../datasets/index.ts'
import { deviceWords } from '../devices/choice.ts'
import type { Progress, Task } from '../jobs/task.ts'
import { diskFull } from '../workspace/index.ts'
import { createExtractor, type BackboneSetup, type Extractor } from './extractor.ts'
import { createPace } from './pace.ts'
import { failedFindings } from './providers.ts'

export interface ExtractInput {
  readonly backbone: BackboneSetup
  /** Folder of the workspace. */
  readonly workspace: string
  readonly dataset: DatasetId
  /** Where the features.npy is put; whoever named it removes it. */
  readonly working: string
}

export interface ExtractOutput {
  /** Path of the features.npy: a row for each photo of the dataset. */
  readonly file: string
  /** Names the list of photos that it was made for. */
  readonly photosKey: string
  /** Rows whose photo cannot be read; they are zeros. */
  readonly unreadable: readonly number[]
}

/**
 * Features of all photos of a dataset, as a file. What the cache has costs nothing, and what is made goes there at once,
 * so that a job that was cut has lost its last portion only.
 */
export const extractTask: Task<ExtractInput, ExtractOutput> = {
  async run({ backbone, workspace, dataset, working }, { signal, report }) {
    report({ progress: null, message: 'Opening the network', secondsLeft: null })
    const { key, paths, sha256 } = await createDatasetStore(workspace).photos.files(dataset)
    const extractor = await createExtractor({ ...backbone, signal })
    const { dimension } = backbone.manifest.recipe
    const unreadable: number[] = []
    const file = join(working, 'features.npy')

    async function* portions(): AsyncGenerator<Float32Array> {
      const progress = extractionProgress(paths.length, extractor)
      const portion = new Float32Array(Math.max(1, Math.floor(portionValues / dimension)) * dimension)
      let filled = 0
      for await (const { at, features } of extractor.extract(paths.map((path, at) => ({ path, sha256: sha256[at] })))) {
        if (features === null) unreadable.push(at)
        portion.set(features ?? new Float32Array(dimension), filled)
        filled = (filled + dimension) % portion.length
        if (filled === 0) yield portion
        report(progress(at + 1))
      }
      yield portion.subarray(0, filled)
    }
    try {
      await mkdir(working, { recursive: true })
      await writeFeaturesFile(file, paths.length, dimension, portions())
    } catch (thrown) {
      throw diskFull(thrown, file) ?? thrown
    } finally {
      await extractor.release()
    }
    if (unreadable.length === paths.length) {
      throw new AppError('extract/no-photo-readable', 'None of the photos can be read, so there are no features.', {
        next: 'Import the photos again.',
      })
    }
    return { file, photosKey: key, unreadable }
  },
}

/** Written at once. */
const portionValues = 2 ** 18

function extractionProgress(total: number, extractor: Extractor): (done: number) => Progress {
  const pace = createPace()
  return (done) => {
    const perSecond = pace(done, performance.now())
    const { device } = extractor
    const speed =
      perSecond === null
        ? ''
        : `, ${perSecond.toLocaleString('en', { maximumFractionDigits: perSecond < 10 ? 1 : 0 })} a second`
    return {
      progress: total === 0 ? 1 : done / total,
      message:
        `${grouped(done)} of ${grouped(total)} photos${speed}` +
        (device === null ? '' : `, on ${deviceWords[device]}`) +
        failedFindings(extractor.failed)
          .map(({ message }) => `. ${message}`)
          .join(''),
      secondsLeft: perSecond === null || perSecond === 0 ? null : (total - done) / perSecond,
    }
  }
}
