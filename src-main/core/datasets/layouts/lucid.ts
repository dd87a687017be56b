import type { Finding } from '../../../contract/index.ts'

// Tables as Lucid's Builder exports them (“CSV files” in its manual): a state is named by its path in the tree of features
// (“Flowers:Colour:white”), an entity by its own (“Brassicaceae:Brassica:Brassica oleracea”), and a feature that is a
// number ends with “#”. Entities are columns, unless that was wanted otherwise; the corner is empty.

/** The feature that a name is a state of: all but the end of its path; null where it is no path. */
export function featureOf(name: string): string | null {
  const end = name.lastIndexOf(':')
  const feature = name.slice(0, Math.max(0, name[end - 1] === ':' ? end - 1 : end)).trim()
  return feature === '' || endOf(name) === '' ? null : feature
}

/** Where a path ends. */
export const endOf = (name: string): string => name.slice(name.lastIndexOf(':') + 1).trim()

export const isNumeric = (name: string): boolean => name.endsWith('#')

/** A score that means something, or nothing at all. */
export const isScore = (cell: string): boolean => /^[0-6]?$/.test(cell)

/**
 * What each score says of a state, 0 to 100: absent, common, rare, uncertain, common and rare where it is only
 * misinterpreted as present, not scoped.
 */
export const scoreValues = [0, 100, 50, NaN, 0, 0, NaN]

/** @param beyond whether there are scores beyond absent and common, which could be ratings. */
export const scoresRead = (beyond: boolean): Finding => ({
  level: beyond ? 'warning' : 'ok',
  code: 'dataset/lucid-scores',
  message:
    'The states in this table are read as Lucid scores: 1 is 100, 2 (rare) is 50, 3 and 6 are not known, 0, 4 and 5 are 0.',
  ...(beyond ? { next: 'If they are ratings instead, take the colons out of the names of their columns.' } : {}),
})
