import { writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { AppError } from '../../contract/index.ts'

/** Writes to a file that the person named. Throws `cli/cannot-write`. */
export async function writeNamed(path: string, content: string | Uint8Array): Promise<void> {
  await writeFile(path, content).catch((cause: unknown) => {
    throw cannotWrite(path, cause)
  })
}

export const cannotWrite = (path: string, cause: unknown): AppError =>
  new AppError('cli/cannot-write', `“${basename(path)}” cannot be written.`, {
    next: 'Name a file in a place where you may write.',
    cause,
  })

/** Where a table may be written: not over a photo that stands in the wrong place of the command line. */
export function csvFile(name: string): string {
  if (/\.csv$/i.test(name)) return name
  throw new InvalidArgumentError('The name of a .csv file is wanted.')
}
