import { basename, extname } from 'node:path'
import { isPhotoName } from '../photos/index.ts'

export interface DroppedFile {
  readonly path: string
  /** What the person knows it by: its path inside what was dropped. */
  readonly name: string
}

/** Of files that can be part of a dataset, and of archives of them. */
export const extensions = new Set([
  ...['.mat', '.npy', '.csv', '.tsv', '.txt', '.json', '.zip', '.dlt', '.delta'],
  ...['.xlsx', '.xlsm', '.xls', '.ods'],
])
/** DELTA's files have no extension. */
const bareNames = new Set(['specs', 'chars', 'characters', 'items'])
const hidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX'

/** The last part of a file's name, in lower case: how layouts recognise it. */
export const fileKey = (file: DroppedFile): string => file.name.slice(file.name.lastIndexOf('/') + 1).toLowerCase()

/** What only a folder says: neither hidden nor the shadow that a Mac puts into a zip. */
export const isVisible = (name: string): boolean => !name.split('/').some(hidden)

/** Whether a file of this name can be part of a dataset, and as what. */
export function partOf(name: string): 'file' | 'photo' | null {
  if (!isVisible(name)) return null
  if (isPhotoName(name)) return 'photo'
  return extensions.has(extname(name).toLowerCase()) || bareNames.has(basename(name).toLowerCase()) ? 'file' : null
}
