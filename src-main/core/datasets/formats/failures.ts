import { AppError, type ErrorCode } from '../../../contract/index.ts'

/** Failures of a file that the person dropped. Each names the file, says what is wrong and what to do about it. */

const fetchAgain = 'Copy or download the file again, then drop it once more. Nothing was imported.'

export function damagedFile(file: string, what: string, cause?: unknown): AppError {
  return new AppError('dataset/damaged-file', `“${file}” is damaged: ${what}.`, {
    next: fetchAgain,
    details: { file },
    cause,
  })
}

export function truncatedFile(file: string, cause?: unknown): AppError {
  return new AppError('dataset/truncated-file', `“${file}” is cut short: it ends before its own data do.`, {
    next: fetchAgain,
    details: { file },
    cause,
  })
}

export function unsupportedFile(file: string, what: string, next: string): AppError {
  return new AppError('dataset/unsupported-content', `“${file}” ${what}.`, { next, details: { file } })
}

export function impossibleSize(file: string, what: string): AppError {
  return new AppError('dataset/impossible-size', `“${file}” ${what}.`, {
    next: 'The file is damaged or was not made for this. Save it again from its source.',
    details: { file },
  })
}

export function compressionBomb(file: string, what: string): AppError {
  return new AppError('dataset/compression-bomb', `“${file}” would unpack to far more than it holds: ${what}.`, {
    next: 'Save the data uncompressed if they are real; otherwise do not trust this file.',
    details: { file },
  })
}

/** What `thrown` by an I/O call says in our words: the code alone would mean nothing to a person. */
export function fileFailure(file: string, thrown: unknown): unknown {
  const code = (thrown as { code?: unknown } | null)?.code
  const told = (area: ErrorCode, message: string, next: string) =>
    new AppError(area, message, { next, details: { file }, cause: thrown })
  switch (code) {
    case 'ENOENT':
      return told('dataset/file-gone', `“${file}” is no longer there.`, 'Drop it again from where it is now.')
    case 'EACCES':
    case 'EPERM':
      return told(
        'dataset/no-permission',
        `“${file}” may not be read.`,
        'Allow reading it, or copy it to your own folder.',
      )
    case 'ENOSPC':
      return told(
        'dataset/disk-full',
        'The disk is full.',
        'Free some space and import again. Nothing half-written was left.',
      )
    default:
      return thrown
  }
}

/** Past these, a declared size is taken for an attack rather than for data. */
const inflatedWithoutQuestion = 64 * 2 ** 20
const largestRatio = 200

/** Whether `inflated` bytes out of `stored` are more than honest numbers ever compress to. */
export function isBomb(inflated: number, stored: number): boolean {
  return inflated > inflatedWithoutQuestion && inflated > stored * largestRatio
}
