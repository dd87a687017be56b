import { appendFile, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../datasets/testing/folders.ts'
import { featureKey, openFeatureCache } from './feature-cache.ts'
import { averagesRecipe } from './testing/models.ts'

const photo = (number: number): string => number.toString(16).padStart(64, '0')
const row = (number: number): { sha256: string; features: Float32Array } => ({
  sha256: photo(number),
  features: Float32Array.of(number, number + 0.5, -number),
})
const key = 'a'.repeat(32)

describe('the feature cache', () => {
  it('keeps what was made, for the next process', async () => {
    await using folder = await temporaryFolder()
    const first = await openFeatureCache(folder.path, key, 3)
    expect(first.has(photo(1))).toBe(false)
    await Promise.all([first.append([row(1), row(2)]), first.append([row(3)])])
    expect(await first.read(photo(3))).toEqual(row(3).features)
    await first.close()
    const second = await openFeatureCache(folder.path, key, 3)
    expect(await second.read(photo(2))).toEqual(row(2).features)
    await second.append([row(4)])
    await second.close()
    const third = await openFeatureCache(folder.path, key, 3)
    expect(await third.read(photo(4))).toEqual(row(4).features)
    await third.close()
    expect((await stat(join(folder.path, 'features', key, 'values.bin'))).size).toBe(4 * 12)
    const other = await openFeatureCache(folder.path, 'b'.repeat(32), 3)
    expect(other.has(photo(1))).toBe(false)
    await other.close()
  })

  it.each<[string, (values: string, keys: string) => Promise<void>]>([
    ['values without a key', (values) => appendFile(values, Buffer.alloc(17))],
    ['a part of a key', (_, keys) => appendFile(keys, Buffer.alloc(5))],
    ['keys without values', (_, keys) => appendFile(keys, Buffer.alloc(64))],
    ['half of the last values', (values) => truncate(values, 12 + 5)],
    ['half of the last key', (_, keys) => truncate(keys, 32 + 5)],
  ])('loses no more than the last row to a crash that left %s', async (_, crash) => {
    await using folder = await temporaryFolder()
    const first = await openFeatureCache(folder.path, key, 3)
    await first.append([row(1), row(2)])
    await first.close()
    const files = ['values.bin', 'keys.bin'].map((name) => join(folder.path, 'features', key, name))
    await crash(files[0], files[1])
    const second = await openFeatureCache(folder.path, key, 3)
    expect(await second.read(photo(1))).toEqual(row(1).features)
    await second.append([row(9)])
    await second.close()
    const third = await openFeatureCache(folder.path, key, 3)
    expect(await third.read(photo(1))).toEqual(row(1).features)
    expect(await third.read(photo(9))).toEqual(row(9).features)
    await third.close()
  })

  it('is written by one at a time; another reads', async () => {
    await using folder = await temporaryFolder()
    const writer = await openFeatureCache(folder.path, key, 3)
    await writer.append([row(1)])
    const reader = await openFeatureCache(folder.path, key, 3)
    expect(await reader.read(photo(1))).toEqual(row(1).features)
    await reader.append([row(2)])
    expect(reader.has(photo(2))).toBe(false)
    await reader.close()
    await writer.append([row(3)])
    await writer.close()
    expect((await stat(join(folder.path, 'features', key, 'keys.bin'))).size).toBe(2 * 32)
  })

  it('is named by the network and everything in its recipe', () => {
    const named = (change: object): string => featureKey({ sha256: photo(1), recipe: { ...averagesRecipe, ...change } })
    const { input, ...rest } = averagesRecipe
    expect(featureKey({ sha256: photo(1), recipe: { ...rest, input } })).toBe(named({}))
    expect(new Set([named({}), named({ fit: 'stretch' }), named({ scale: 2 }), named({ output: 'x' })]).size).toBe(4)
    expect(featureKey({ sha256: photo(2), recipe: averagesRecipe })).not.toBe(named({}))
  })
})
