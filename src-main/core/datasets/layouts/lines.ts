import { grouped } from '../../../contract/index.ts'
import type { DroppedFile } from '../dropped.ts'
import { damagedFile } from '../formats/failures.ts'
import { readSmall } from '../formats/csv.ts'
import { decodeText } from '../formats/text.ts'
import { plainName } from './class-names.ts'

/** The lines of a list that hold something. */
export async function readLines(file: DroppedFile, signal: AbortSignal): Promise<string[]> {
  return decodeText(file.name, await readSmall(file, signal))
    .split('\n')
    .map(plainName)
    .filter((line) => line !== '')
}

/** Lines of a number and a name; the numbers are those that other files call the names by. */
export async function readNumbered(file: DroppedFile, signal: AbortSignal): Promise<Map<number, string>> {
  const names = new Map<number, string>()
  for (const line of await readLines(file, signal)) {
    const match = /^(\d{1,9})\s+(.+)$/.exec(line)
    if (match === null) throw damagedFile(file.name, `“${line.slice(0, 40)}” is not a number and a name`)
    if (names.has(Number(match[1]))) throw damagedFile(file.name, `it has the number ${match[1]} twice`)
    names.set(Number(match[1]), match[2])
  }
  return names
}

/** A matrix of numbers, a line for each row. */
export async function readMatrix(
  file: DroppedFile,
  rows: number,
  columns: number,
  signal: AbortSignal,
): Promise<Float64Array> {
  const lines = await readLines(file, signal)
  const values = new Float64Array(rows * columns)
  const fits =
    lines.length === rows &&
    lines.every((line, r) => {
      const numbers = line.split(/\s+/).map(Number)
      if (numbers.length !== columns || numbers.some(Number.isNaN)) return false
      values.set(numbers, r * columns)
      return true
    })
  if (!fits)
    throw damagedFile(
      file.name,
      `it should have ${grouped(rows)} rows of ${grouped(columns)} numbers, one row for each class`,
    )
  return values
}
