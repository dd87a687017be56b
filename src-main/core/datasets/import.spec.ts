import fc from 'fast-check'
import { mkdir, readFile, readdir, rename, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError, type PreflightReport } from '../../contract/index.ts'
import { npyPreamble } from './formats/npy.ts'
import { createDatasetStore } from './store.ts'
import {
  importInto,
  inspect,
  npyFloats,
  npyIntegers,
  small,
  temporaryFolder,
  writeArrays,
  writeXlsa17,
} from './testing/folders.ts'
import type { MatContent } from './testing/mat5-writer.ts'

const column = (values: readonly number[]): MatContent => ({ dimensions: [values.length, 1], values })

const problemsOf = (report: Omit<PreflightReport, 'id'>): string[] =>
  report.findings.flatMap((finding) => (finding.level === 'problem' ? [finding.code] : []))

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (thrown: unknown) => {
      if (thrown instanceof AppError) return thrown.code
      throw thrown
    },
  )

const float32 = (values: readonly number[]): number[] => [...Float32Array.from(values)]

describe('importing', () => {
  const layouts = [
    ['xlsa17, plain', (folder: string) => writeXlsa17(folder)],
    ['xlsa17, compressed', (folder: string) => writeXlsa17(folder, {}, { compressed: true })],
    ['xlsa17, big-endian', (folder: string) => writeXlsa17(folder, {}, { bigEndian: true })],
    ['arrays', (folder: string) => writeArrays(folder)],
  ] as const

  it.each(layouts)('stores the same dataset from %s', async (_, write) => {
    await using folder = await temporaryFolder()
    const source = await write(join(folder.path, '원본 folder'))
    const report = await inspect([source], folder.path)
    expect(problemsOf(report)).toEqual([])
    expect(report).toMatchObject({
      name: '원본 folder',
      importable: true,
      counts: { images: 12, classes: 4, seen: 3, unseen: 1, attributes: 2, unknownAttributes: 0, features: 3 },
      splits: { trainval: 6, testSeen: 3, testUnseen: 3, train: null, validation: null },
    })

    const manifest = await importInto(folder.path, [source])
    expect(manifest).toMatchObject({ id: 'small', name: 'Small', importedAt: '2026-01-02T03:04:05.000Z' })
    const dataset = await createDatasetStore(folder.path).load(manifest.id)
    expect(dataset.classNames).toEqual(small.classNames)
    expect([...dataset.features!]).toEqual(small.features)
    expect([...dataset.labels]).toEqual(small.labels.map((label) => label - 1))
    expect([...dataset.attributes]).toEqual(float32(small.attributes))
    expect([...dataset.splits.trainval]).toEqual([0, 1, 3, 4, 6, 7])
    expect([...dataset.splits.testUnseen]).toEqual([9, 10, 11])
    expect([...dataset.seenClasses]).toEqual([0, 1, 2])
    expect([...dataset.unseenClasses]).toEqual([3])
  })

  it('from several files, each dropped by itself', async () => {
    await using folder = await temporaryFolder()
    const source = await writeXlsa17(join(folder.path, 'birds'))
    const report = await inspect([join(source, 'res101.mat'), join(source, 'att_splits.mat')], folder.path)
    expect(report).toMatchObject({ name: 'birds', importable: true })
  })

  it('takes back what was stored, with the same content', async () => {
    await using folder = await temporaryFolder()
    const first = await importInto(folder.path, [await writeXlsa17(join(folder.path, 'source'))])
    const again = await importInto(folder.path, [join(folder.path, 'datasets', first.id)])
    expect(again.contentHash).toBe(first.contentHash)
    expect(again.id).toBe('small-2')
    const images = (id: string) => readFile(join(folder.path, 'datasets', id, 'images.csv'), 'utf8')
    expect(await images(again.id)).toBe(await images(first.id))
  })

  it('reads −1 as "not known" where that was chosen', async () => {
    await using folder = await temporaryFolder()
    const original_att: MatContent = { dimensions: [2, 4], values: [-1, 1, 2, -1, 5, 6, 7, 8] }
    const source = await writeXlsa17(join(folder.path, 'source'), { splits: { original_att } })
    expect((await inspect([source], folder.path)).minusOnes).toBe(2)
    const store = createDatasetStore(folder.path)
    const kept = await importInto(folder.path, [source])
    const unknown = await importInto(folder.path, [source], { minusOne: 'unknown' })
    expect([...(await store.attributes(kept.id)).values]).toEqual([-1, 1, 2, -1, 5, 6, 7, 8])
    expect([...(await store.attributes(unknown.id)).values]).toEqual([NaN, 1, 2, NaN, 5, 6, 7, 8])
    expect(unknown.counts.unknownAttributes).toBe(2)
    expect((await store.get(unknown.id)).classes.map((c) => c.unknownAttributes)).toEqual([1, 1, 0, 0])
  })

  it('prefers raw attributes and falls back on scaled ones', async () => {
    await using folder = await temporaryFolder()
    const att: MatContent = { dimensions: [2, 4], values: [8, 7, 6, 5, 4, 3, 2, 1] }
    const attributes = async (splits: Record<string, MatContent | null>) => {
      const { id } = await importInto(folder.path, [await writeXlsa17(join(folder.path, 'source'), { splits })])
      return [...(await createDatasetStore(folder.path).attributes(id)).values]
    }
    expect(await attributes({ att })).toEqual(float32(small.attributes))
    expect(await attributes({ att, original_att: null })).toEqual([8, 7, 6, 5, 4, 3, 2, 1])
  })

  it('takes attributes without features, and says what that allows', async () => {
    await using folder = await temporaryFolder()
    const source = await writeXlsa17(join(folder.path, 'source'), { features: null })
    const report = await inspect([source], folder.path)
    expect(report).toMatchObject({ importable: true, counts: { images: 0, classes: 4, seen: 0, features: null } })
    expect(report.findings.find((finding) => finding.code === 'dataset/no-features')?.next).toContain('res101.mat')
    const { id } = await importInto(folder.path, [source])
    const dataset = await createDatasetStore(folder.path).load(id)
    expect(dataset.features).toBeNull()
    expect([...dataset.splits.testUnseen]).toEqual([9, 10, 11])
    expect((await createDatasetStore(folder.path).get(id)).classes.map((c) => c.role)).toEqual(Array(4).fill('none'))
  })

  it('splits by class where only the unseen classes are named, the same way each time', async () => {
    await using folder = await temporaryFolder()
    const labels = Array.from({ length: 40 }, (_, i) => i % 4)
    const source = await writeArrays(join(folder.path, 'source'), {
      'labels.npy': npyIntegers(labels),
      'features.npy': npyFloats([40, 1], labels),
      'splits.json': '{"unseen": ["새"]}',
    })
    const { splits, seenClasses, unseenClasses } = await createDatasetStore(folder.path).load(
      (await importInto(folder.path, [source])).id,
    )
    expect([splits.trainval.length, splits.testSeen.length, splits.testUnseen.length]).toEqual([24, 6, 10])
    expect([...seenClasses, ...unseenClasses]).toEqual([0, 1, 3, 2])
    const again = await createDatasetStore(folder.path).load((await importInto(folder.path, [source])).id)
    expect(again.splits).toEqual(splits)
  })

  it('keeps test images out of the benchmark’s own train and validation lists', async () => {
    await using folder = await temporaryFolder()
    const source = await writeXlsa17(join(folder.path, 'source'), {
      splits: { train_loc: column([1, 2, 3]), val_loc: column([4, 5, 6, 7, 8, 9]) },
    })
    const report = await inspect([source], folder.path)
    expect(report.splits).toMatchObject({ train: 2, validation: 4 })
    expect(report.findings.map((finding) => finding.code)).toContain('dataset/test-images-in-validation')
  })

  it('reports folders that name other classes than the labels', async () => {
    await using folder = await temporaryFolder()
    const codes = async (features: Record<string, MatContent>) =>
      (await inspect([await writeXlsa17(join(folder.path, 'source'), { features })], folder.path)).findings.map(
        (f) => f.code,
      )
    expect(await codes({})).toContain('dataset/folders-agree')
    // The order of the folders' names, which is not the order of allclasses_names.
    expect(await codes({ labels: column([1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]) })).toContain('dataset/folders-disagree')
  })

  it('takes the names of attributes from the list beside the files', async () => {
    await using folder = await temporaryFolder()
    const source = await writeXlsa17(join(folder.path, 'source'))
    await writeFile(join(source, 'predicates.txt'), '    1\tred\n    2\tnew world\n')
    const { id } = await importInto(folder.path, [source])
    expect((await createDatasetStore(folder.path).get(id)).attributeNames).toEqual(['red', 'new world'])
  })

  it('leaves out image names that are not one per image, and says so', async () => {
    await using folder = await temporaryFolder()
    const source = await writeXlsa17(join(folder.path, 'source'), { features: { image_files: ['one.jpg'] } })
    const manifest = await importInto(folder.path, [source])
    expect(manifest.findings.map((finding) => finding.code)).toContain('dataset/image-names-differ')
    expect(await readdir(join(folder.path, 'datasets', manifest.id))).not.toContain('images.csv')
  })

  it('leaves nothing behind when it is cancelled', async () => {
    await using folder = await temporaryFolder()
    const rows = 60_000
    const source = await writeArrays(join(folder.path, 'source'), {
      'features.npy': Buffer.concat([npyPreamble('f4', [rows, 200]), Buffer.alloc(rows * 200 * 4)]),
      'labels.npy': npyIntegers(Array.from({ length: rows }, (_, i) => i % 4)),
      'splits.json': '{"unseen": ["d eel"]}',
    })
    const controller = new AbortController()
    let cancelled = 0
    const work = importInto(
      folder.path,
      [source],
      {},
      {
        signal: controller.signal,
        report: ({ progress }) => {
          if (progress === null || progress < 0.2 || controller.signal.aborted) return
          cancelled = performance.now()
          controller.abort()
        },
      },
    )
    await expect(work).rejects.toThrow()
    // Measured 20 to 50 ms; a busy machine may take longer.
    expect(performance.now() - cancelled).toBeLessThan(1000)
    const store = createDatasetStore(folder.path)
    expect(store.list()).toEqual([])
    expect(await readdir(store.directory)).toEqual([])
  })
})

describe('what is wrong is told before anything is written', () => {
  const cases: [string, (folder: string) => Promise<unknown>][] = [
    ['dataset/unknown-layout', (folder) => writeFile(join(folder, 'notes.txt'), 'x')],
    ['dataset/missing-att-splits', (folder) => writeXlsa17(folder, { splits: null })],
    ['dataset/missing-variable', (folder) => writeXlsa17(folder, { splits: { trainval_loc: null } })],
    ['dataset/missing-variable', (folder) => writeXlsa17(folder, { features: { features: null } })],
    ['dataset/missing-variable', (folder) => writeXlsa17(folder, { splits: { original_att: null } })],
    [
      'dataset/label-without-class',
      (folder) => writeXlsa17(folder, { features: { labels: column(Array(12).fill(5)) } }),
    ],
    [
      'dataset/label-without-class',
      (folder) => writeXlsa17(folder, { features: { labels: column(Array(12).fill(1.5)) } }),
    ],
    [
      'dataset/label-without-class',
      (folder) => writeXlsa17(folder, { features: { labels: column(Array(12).fill(0)) } }),
    ],
    ['dataset/split-outside-images', (folder) => writeXlsa17(folder, { splits: { trainval_loc: column([1, 13]) } })],
    ['dataset/split-outside-images', (folder) => writeXlsa17(folder, { splits: { trainval_loc: column([0, 1]) } })],
    ['dataset/split-outside-images', (folder) => writeXlsa17(folder, { splits: { trainval_loc: column([NaN]) } })],
    ['dataset/overlapping-splits', (folder) => writeXlsa17(folder, { splits: { test_seen_loc: column([1, 3]) } })],
    [
      'dataset/unseen-class-in-training',
      (folder) => writeXlsa17(folder, { splits: { trainval_loc: column([1, 4]), test_unseen_loc: column([2]) } }),
    ],
    [
      'dataset/classes-and-attributes-differ',
      (folder) => writeXlsa17(folder, { splits: { allclasses_names: ['a', 'b'] } }),
    ],
    ['dataset/class-names', (folder) => writeXlsa17(folder, { splits: { allclasses_names: ['a', 'b', 'a', 'c'] } })],
    [
      'dataset/features-and-labels-differ',
      (folder) => writeXlsa17(folder, { features: { features: { dimensions: [12, 3], values: small.features } } }),
    ],
    [
      'dataset/attributes-not-finite',
      (folder) =>
        writeXlsa17(folder, { splits: { original_att: { dimensions: [2, 4], values: Array(8).fill(Infinity) } } }),
    ],
    ['dataset/missing-partner', (folder) => writeArrays(folder, { 'labels.npy': null })],
    ['dataset/missing-partner', (folder) => writeArrays(folder, { 'attributes.csv': null })],
    ['dataset/missing-partner', (folder) => writeArrays(folder, { 'splits.json': null })],
    ['dataset/unreadable-splits', (folder) => writeArrays(folder, { 'splits.json': '{"trainval": [1' })],
    ['dataset/unreadable-splits', (folder) => writeArrays(folder, { 'splits.json': '{"trainval": [1]}' })],
    ['dataset/unknown-class', (folder) => writeArrays(folder, { 'splits.json': '{"unseen": ["nobody"]}' })],
    ['dataset/attribute-not-a-number', (folder) => writeArrays(folder, { 'attributes.csv': 'class,x\na,much\n' })],
    ['dataset/damaged-file', (folder) => writeArrays(folder, { 'attributes.csv': 'class,x\na,1,2\n' })],
    ['dataset/unsupported-content', (folder) => writeArrays(folder, { 'attributes.csv': Buffer.alloc(500) })],
    ['dataset/truncated-file', (folder) => writeArrays(folder, { 'features.npy': npyFloats([12, 4], small.features) })],
    ['dataset/damaged-file', (folder) => writeArrays(folder, { 'features.npy': npyFloats([12, 2], small.features) })],
    [
      'dataset/several-datasets',
      async (folder) => {
        await writeXlsa17(join(folder, 'one'))
        await writeXlsa17(join(folder, 'two'))
      },
    ],
  ]

  it.each(cases)('%s', async (code, write) => {
    await using folder = await temporaryFolder()
    const source = join(folder.path, 'source')
    await mkdir(source)
    await write(source)
    const report = await inspect([source], folder.path)
    expect(problemsOf(report)).toContain(code)
    expect(report.importable).toBe(false)
    for (const finding of report.findings) if (finding.level === 'problem') expect(finding.next).toBeTruthy()
    expect(await codeOf(importInto(folder.path, [source]))).toBe(problemsOf(report)[0])
    expect(createDatasetStore(folder.path).list()).toEqual([])
  })

  it('a feature that is not finite stops the import, and says where', async () => {
    for (const wrong of [NaN, Infinity, 1e300]) {
      await using folder = await temporaryFolder()
      const features: MatContent = { dimensions: [3, 12], values: small.features.with(16, wrong) }
      const source = await writeXlsa17(join(folder.path, 'source'), { features: { features } })
      await expect(importInto(folder.path, [source])).rejects.toMatchObject({
        code: 'dataset/features-not-finite',
        message: expect.stringContaining('Image 6') as string,
      })
      expect(createDatasetStore(folder.path).list()).toEqual([])
    }
  })

  it('a sparse file of 2 GB is refused at once', async () => {
    await using folder = await temporaryFolder()
    const names = ['att_splits.mat', 'features.npy', 'attributes.csv', 'splits.json', 'dataset.zip']
    for (const name of names) {
      const source = await writeArrays(join(folder.path, name))
      await writeFile(join(source, name), '')
      await truncate(join(source, name), 2 ** 31)
      const started = performance.now()
      expect(problemsOf(await inspect([source], folder.path))).toHaveLength(1)
      expect(performance.now() - started).toBeLessThan(1000)
    }
  })

  it('links are followed inside what was dropped, and not out of it', async () => {
    await using folder = await temporaryFolder()
    const outside = await writeXlsa17(join(folder.path, 'outside'))
    const source = join(folder.path, 'source')
    await mkdir(source)
    await symlink(join(outside, 'res101.mat'), join(source, 'res101.mat'))
    await symlink(join(outside, 'att_splits.mat'), join(source, 'att_splits.mat'))
    const report = await inspect([source], folder.path)
    expect(report.findings.map(({ code }) => code)).toEqual(['dataset/unknown-layout', 'dataset/link-not-followed'])

    await mkdir(join(source, 'real', 'deep', 'er'), { recursive: true })
    await rename(join(outside, 'att_splits.mat'), join(source, 'real', 'deep', 'er', 'splits.bin'))
    const inside = await writeXlsa17(join(folder.path, 'inside'))
    await rename(join(inside, 'att_splits.mat'), join(inside, 'kept.dat'))
    await symlink('kept.dat', join(inside, 'att_splits.mat'))
    expect((await inspect([inside], folder.path)).importable).toBe(true)
  })

  it('what disappeared since it was dropped is a sentence', async () => {
    await using folder = await temporaryFolder()
    expect(problemsOf(await inspect([join(folder.path, 'gone')], folder.path))).toEqual(['dataset/file-gone'])
  })

  it('any mutation of a dataset’s files is imported or refused', async () => {
    await using folder = await temporaryFolder()
    const source = await writeArrays(join(folder.path, 'source'))
    await writeArrays(source, { 'images.csv': 'index,file\n' + small.labels.map((_, i) => `${i},${i}.jpg\n`).join('') })
    const names = await readdir(source)
    const originals = new Map(
      await Promise.all(names.map(async (name) => [name, await readFile(join(source, name))] as const)),
    )
    let last: Promise<string> | undefined
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(),
        fc.integer({ min: 0, max: 255 }),
        fc.boolean(),
        async (name, at, byte, cut) => {
          const bytes = Buffer.from(originals.get(name)!)
          bytes[at % bytes.length] = byte
          await writeFile(join(source, name), cut ? bytes.subarray(0, at % bytes.length) : bytes)
          last = codeOf(importInto(folder.path, [source]))
          const outcome = await last
          await writeFile(join(source, name), originals.get(name)!)
          expect(outcome).toMatch(/^(?:done|dataset\/[a-z-]+)$/)
        },
      ),
      { numRuns: 250, interruptAfterTimeLimit: 2000 },
    )
    // The one that time interrupted still writes into the folder.
    await last
  }, 15_000)
})

describe('several megabytes', () => {
  it('arrive unchanged in either order of axes and endianness', async () => {
    await using folder = await temporaryFolder()
    const [rows, columns] = [1501, 401]
    const value = (row: number, c: number) => Math.fround(Math.sin(row * columns + c))
    const labels = npyIntegers(Array.from({ length: rows }, (_, i) => i % 3))
    const splits = JSON.stringify({ trainval: [0, 1, 2], testSeen: [3], testUnseen: [] })

    const fortran = npyPreamble('f4', [rows, columns])
    fortran.write(fortran.toString('latin1').replace('False', 'True ').replace('<f4', '>f8'), 'latin1')
    const data = Buffer.alloc(rows * columns * 8)
    for (let c = 0; c < columns; c++) for (let r = 0; r < rows; r++) data.writeDoubleBE(value(r, c), (c * rows + r) * 8)
    const source = await writeArrays(join(folder.path, 'source'), {
      'features.npy': Buffer.concat([fortran, data]),
      'labels.npy': labels,
      'splits.json': splits,
    })
    const { id } = await importInto(folder.path, [source])
    const { features } = await createDatasetStore(folder.path).load(id)
    const expected = Float32Array.from({ length: rows * columns }, (_, i) =>
      value(Math.floor(i / columns), i % columns),
    )
    expect(Buffer.compare(Buffer.from(features!.buffer), Buffer.from(expected.buffer))).toBe(0)

    const matlab = await writeXlsa17(
      join(folder.path, 'matlab'),
      {
        features: {
          features: { dimensions: [columns, rows], values: expected },
          labels: column(Array.from({ length: rows }, (_, i) => small.labels[i] ?? 1)),
          image_files: null,
        },
      },
      { compressed: true },
    )
    const again = await createDatasetStore(folder.path).load((await importInto(folder.path, [matlab])).id)
    expect(Buffer.compare(Buffer.from(again.features!.buffer), Buffer.from(expected.buffer))).toBe(0)
  })
})
