import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { datasetManifestSchema, type DatasetManifest, type EditHistory } from '../../../contract/index.ts'
import { readState } from './files.ts'
import { readHistory, stepsOf } from './history.ts'
import { readUnchanged } from './journal.ts'
import type { Photo, PhotoState } from './state.ts'

export interface PhotoDataset {
  readonly manifest: DatasetManifest
  readonly state: PhotoState
  readonly history: EditHistory
}

/** Reads datasets of photos, and remembers the last: a person who edits asks for the same again and again. */
export interface PhotoReader {
  /** What `use` makes of a dataset; the files that it reads are of one moment. @throws anything, where one is damaged. */
  read<T>(folder: string, use: (dataset: PhotoDataset) => Promise<T>): Promise<T>
  /** `state` is what the folder holds now. */
  remember(folder: string, state: PhotoState): Promise<void>
}

const remembered = 3

export function createPhotoReader(): PhotoReader {
  const states = new Map<string, { moment: string; state: PhotoState }>()

  // Every change writes the manifest anew.
  async function momentOf(folder: string): Promise<string> {
    const { mtimeNs, ino, size } = await stat(join(folder, 'manifest.json'), { bigint: true })
    return `${mtimeNs} ${ino} ${size}`
  }

  function keep(folder: string, moment: string, state: PhotoState): void {
    states.delete(folder)
    states.set(folder, { moment, state })
    const [oldest] = states.keys()
    if (states.size > remembered) states.delete(oldest)
  }

  return {
    read: (folder, use) =>
      readUnchanged(folder, async (text) => {
        const moment = await momentOf(folder)
        const known = states.get(folder)
        const state = known?.moment === moment ? known.state : await readState((name) => readFile(join(folder, name)))
        const manifest = datasetManifestSchema.parse(JSON.parse(text))
        const result = await use({ manifest, state, history: stepsOf(await readHistory(folder)) })
        keep(folder, moment, state)
        return result
      }),
    remember: async (folder, state) => keep(folder, await momentOf(folder), state),
  }
}

/** For `read`: the dataset itself. */
export const whole = (dataset: PhotoDataset): Promise<PhotoDataset> => Promise.resolve(dataset)

/** Where the original bytes of a photo are kept. */
export const photoPath = (folder: string, { sha256, extension }: Pick<Photo, 'sha256' | 'extension'>): string =>
  join(folder, 'photos', sha256.slice(0, 2), `${sha256}.${extension}`)
