import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createDatasetStore } from './store.ts'
import { importInto, inspect, temporaryFolder } from './testing/folders.ts'

const shared = join(import.meta.dirname, '../../../../shared/data')

describe.skipIf(!existsSync(shared))('the published datasets (skipped where ../shared/data is absent)', () => {
  it('CUB: class order, features and splits are those of the files', async () => {
    await using folder = await temporaryFolder()
    const source = join(shared, 'CUB-resnet1000')
    const report = await inspect([source], folder.path)
    expect(report.findings.every((finding) => finding.level === 'ok')).toBe(true)
    expect(report.findings.map((finding) => finding.code)).toContain('dataset/folders-agree')
    expect(report.counts).toMatchObject({
      images: 11_788,
      classes: 200,
      seen: 150,
      unseen: 50,
      attributes: 312,
      features: 1000,
    })

    const { id } = await importInto(folder.path, [source])
    const dataset = await createDatasetStore(folder.path).load(id)
    expect(dataset.classNames.slice(0, 3)).toEqual([
      '002.Laysan_Albatross',
      '003.Sooty_Albatross',
      '005.Crested_Auklet',
    ])
    expect([...dataset.features!.subarray(0, 5)]).toEqual([0.375, -0.28125, 7.875, 5.75, 3.65625])
    expect(dataset.classNames[dataset.labels[0]]).toBe('001.Black_footed_Albatross')
    expect(dataset.splits.trainval).toHaveLength(7057)
    expect(dataset.attributes[0]).toBeCloseTo(4.411765, 5)
  })

  it('Caltech animals: photos, attributes and classes that training must not see', async () => {
    await using folder = await temporaryFolder()
    const report = await inspect([join(shared, 'caltech-animals')], folder.path)
    expect(report).toMatchObject({
      name: 'caltech-animals',
      layout: 'image-folder',
      importable: true,
      photos: 864,
      counts: { images: 864, classes: 36, seen: 28, unseen: 8, attributes: 76, unknownAttributes: 0, features: null },
      // 24 photos of each class, a fifth of which are 5.
      splits: { trainval: 28 * 19, testSeen: 28 * 5, testUnseen: 8 * 24 },
    })
    expect(report.findings.every((finding) => finding.level === 'ok')).toBe(true)
  }, 30_000)

  it.each([
    ['SUN', 717, 102, 0],
    ['AWA2', 50, 85, 4],
    ['APY', 32, 64, 0],
  ])('%s: attributes without features', async (name, classes, attributes, minusOnes) => {
    await using folder = await temporaryFolder()
    const report = await inspect([join(shared, 'att-splits', name)], folder.path)
    expect(report).toMatchObject({
      name,
      importable: true,
      minusOnes,
      counts: { images: 0, classes, attributes, features: null },
    })
    expect((await importInto(folder.path, [join(shared, 'att-splits', name)])).contentHash).toMatch(/^[0-9a-f]{64}$/)
  })
})
