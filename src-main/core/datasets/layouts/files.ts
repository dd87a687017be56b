import { AppError } from '../../../contract/index.ts'
import { fileKey, type Dropped, type DroppedFile } from '../dropped.ts'

export const hasFiles = (dropped: Dropped, names: readonly string[]): boolean =>
  names.every((name) => dropped.files.some((file) => fileKey(file) === name))

/** The only file of that name, if there is one. @throws AppError where there are several. */
export function findFile(dropped: Dropped, name: string): DroppedFile | undefined {
  const files = dropped.files.filter((file) => fileKey(file) === name)
  if (files.length < 2) return files[0]
  throw new AppError('dataset/several-datasets', `There is more than one ${name} here.`, {
    next: 'Drop the folder of one dataset.',
    details: { files: files.slice(0, 20).map((file) => file.name) },
  })
}

export function requireFile(dropped: Dropped, name: string, next = `Add ${name}, as it was published.`): DroppedFile {
  const file = findFile(dropped, name)
  if (file !== undefined) return file
  throw new AppError('dataset/missing-partner', `There is no ${name} here.`, { next })
}
