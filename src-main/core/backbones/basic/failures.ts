import { AppError } from '../../../contract/index.ts'

/** The npm package whose object detector the built-in network is taken from. */
export const sourcePackage = '@mediapipe/objectron'

const installAgain =
  'Install the application again, or run “npm ci” in its folder. Any other backbone still works: drop an .onnx file.'

export function missingPackage(cause: unknown): AppError {
  return new AppError(
    'backbone/basic-missing',
    `The built-in network cannot be made: the package “${sourcePackage}” is not installed.`,
    { next: installAgain, cause },
  )
}

export function damagedPackage(why: string): AppError {
  return new AppError(
    'backbone/basic-damaged',
    `The built-in network cannot be made: in the package “${sourcePackage}”, ${why}.`,
    { next: installAgain },
  )
}
