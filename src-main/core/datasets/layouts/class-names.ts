import { AppError } from '../../../contract/index.ts'

/** A Mac writes the letters of a name apart, and everybody else together: they are one name. */
export const plainName = (name: string): string => name.normalize('NFC').trim()

/** What two spellings of one name have in common: no case, spaces, underscores, hyphens or what nobody sees. */
export function looseName(name: string): string {
  const plain = plainName(name).toLowerCase()
  return plain.replaceAll(/[\s\p{Cf}_-]+/gu, '') || plain
}

/**
 * Finds each of `names` among `classes`: as it is written, else by its loose spelling where that tells them apart.
 * @returns an index into `classes`, or null.
 */
export function findClasses(names: readonly string[], classes: readonly string[]): (number | null)[] {
  const exact = new Map(classes.map((name, index) => [plainName(name), index]))
  const loose = new Map<string, number | null>()
  classes.forEach((name, index) => {
    const key = looseName(name)
    loose.set(key, loose.has(key) ? null : index)
  })
  return names.map((name) => exact.get(plainName(name)) ?? loose.get(looseName(name)) ?? null)
}

/** The classes that a list names; each must be there. */
export function requireClasses(file: string, names: readonly string[], classes: readonly string[]): number[] {
  const found = findClasses(names, classes)
  const unknown = names.filter((_, i) => found[i] === null)
  if (unknown.length > 0) {
    throw new AppError('dataset/unknown-class', `“${file}” names classes that are not there.`, {
      next: 'Write them as their folders, or as in the table of attributes.',
      details: { classes: unknown.slice(0, 20) },
    })
  }
  return [...new Set(found as number[])].sort((a, b) => a - b)
}
