import { sizeOf } from '../../../contract/index.ts'
import { impossibleSize, unsupportedFile } from './failures.ts'
import { collectNumbers, type Numbers } from './numbers.ts'

/** One variable of a MATLAB file, whichever version wrote it. Usable until the next one is asked for. */
export interface MatVariable {
  readonly name: string
  /** As MATLAB shows them: rows first. Values are column-major. */
  readonly dimensions: readonly number[]
  readonly kind: 'numbers' | 'text' | 'cells' | 'other'
  /** The values of a numeric variable in portions; each is valid until the next is asked for. */
  numbers(): AsyncGenerator<Numbers>
  /** A text, or the texts of a cell array. */
  strings(): Promise<string[]>
}

export const countOf = (dimensions: readonly number[]): number =>
  dimensions.reduce((product, size) => product * size, 1)

export const notMat = (file: string) =>
  unsupportedFile(
    file,
    'is not a MATLAB 5 or 7.3 file',
    'Save it in MATLAB with save(…, "-v7") or "-v7.3", or from Python with scipy.io.savemat.',
  )

/** All values of a numeric variable; more than `most` are refused before there is room made for them. */
export async function allNumbers(file: string, variable: MatVariable, most: number): Promise<Float64Array> {
  const count = countOf(variable.dimensions)
  if (!(count <= most)) throw impossibleSize(file, `has ${sizeOf(variable.dimensions)} numbers in “${variable.name}”`)
  return collectNumbers(variable.numbers(), count)
}
