import { describe, expect, it } from 'vitest'
import { t } from '../locales/index.ts'
import { bytes, count, duration, figure, readableName, searchable, tenths, when } from './format.ts'

describe('figures for people', () => {
  it.each([
    [count(11788), '11,788'],
    [count(null), '–'],
    [tenths(49.44), '49.4'],
    [tenths(null), '–'],
    [figure(0.28961), '0.2896'],
    [figure(-1.5), '−1.5'],
    [figure(0.0000012), '1.2e−6'],
    [figure(Number.NaN), '–'],
    [duration(7.4), '0:07'],
    [duration(725), '12:05'],
    [duration(3 * 3600 + 300), '3 h 05 min'],
    [duration(86_400 * 3), '3.0 days'],
    [bytes(999), '999 B'],
    [bytes(600e6), '600.0 MB'],
  ])('%s', (shown, expected) => expect(shown).toBe(expected))

  it('finds a class however its name is written', () => {
    const name = '001.Black_footed_Albatross'
    expect(readableName(name)).toBe('001 Black footed Albatross')
    expect(searchable(name)).toContain(searchable('black-footed'))
    expect(searchable('grizzly+bear')).toBe('grizzly bear')
  })

  it('says today where it is today', () => {
    const now = new Date(2026, 2, 3, 14, 5)
    expect(when(now.toISOString(), now)).toBe('today, 14:05')
    expect(when(new Date(2026, 1, 3).toISOString(), now)).toBe('Feb 3, 2026')
  })

  it('chooses the plural and puts thousands apart', () => {
    expect(t('import.confirm', { count: 1 })).toBe('Import 1 image')
    expect(t('import.confirm', { count: 11788 })).toBe('Import 11,788 images')
  })
})
