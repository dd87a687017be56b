import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { datasetDetailSchema } from '../../contract/index.ts'
import { createDatasetStore, type DatasetStore } from './store.ts'
import { importInto, temporaryFolder, writeArrays } from './testing/folders.ts'
import { anyEdit, giveFeatures, leftovers, smallFiles, writePhotoFolder } from './testing/photo-folder.ts'
import { writeTree } from './testing/pictures.ts'

/** One import that every test starts from a copy of. */
let imported: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  imported = await temporaryFolder()
  await importInto(join(imported.path, 'workspace'), [await writePhotoFolder(join(imported.path, 'Animals'))])
})
afterAll(() => imported[Symbol.asyncDispose]())

async function withCopy(use: (store: DatasetStore, folder: string, workspace: string) => Promise<void>): Promise<void> {
  await using folder = await temporaryFolder()
  await cp(join(imported.path, 'workspace', 'datasets'), join(folder.path, 'datasets'), { recursive: true })
  const store = createDatasetStore(folder.path)
  await use(store, store.folderOf('small'), folder.path)
}

describe('photos that are imported', () => {
  it('are kept by content, with the roles and the split that follow', () =>
    withCopy(async (store, folder) => {
      const detail = await store.get('small')
      expect(datasetDetailSchema.parse(detail)).toEqual(detail)
      expect(detail).toMatchObject({
        ...{ layout: 'image-folder', photos: true, drawn: false, backbone: null },
        counts: { images: 14, classes: 4, seen: 2, unseen: 2, attributes: 3, unknownAttributes: 1, features: null },
        splits: { trainval: 7, testSeen: 1, testUnseen: 6, train: null },
        attributeNames: ['red', 'swims', 'wings'],
        history: { undo: null, redo: null },
      })
      const classes = Object.fromEntries(detail.classes.map(({ name, role, images }) => [name, [role, images]]))
      expect(classes).toEqual({ fox: ['seen', 7], owl: ['unseen', 6], eel: ['seen', 1], newt: ['unseen', 0] })
      const { paths } = await store.photos.files('small')
      const first = (await store.photos.read('small')).state.photos[0]
      expect(await readFile(paths[0])).toEqual(await readFile(join(imported.path, 'Animals', first.file)))
      expect(await readdir(folder)).not.toContain('history')
      const { features, seenClasses } = await store.load('small')
      expect([features, seenClasses.length]).toEqual([null, 2])
    }))

  it('are left out where they are broken or came before, and the others are upright', async () => {
    await using folder = await temporaryFolder()
    const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
    const photo = sharp({ create: { width: 120, height: 80, channels: 3, background: '#888', noise } })
    const turned = await photo.withMetadata({ orientation: 6 }).jpeg().toBuffer()
    const source = await writeTree(join(folder.path, 'Zoo'), {
      'fox/a.jpg': turned,
      'fox/b.jpg': turned.subarray(0, turned.length / 2),
      'fox/c.jpg': '<!doctype html>',
      'fox/여우 d.png': 1,
      'owl/a.png': 2,
      'owl/b.png': 1,
      'owl/c.png': 2,
    })
    const { findings, counts, id } = await importInto(folder.path, [source])
    expect(counts).toMatchObject({ images: 3, attributes: 0, classes: 2 })
    const examples = Object.fromEntries(findings.map((finding) => [finding.code, finding.examples]))
    expect(examples['dataset/broken-photos']).toHaveLength(2)
    expect(examples['dataset/photo-in-two-classes']).toEqual([expect.stringContaining('owl/b.png')])
    expect(examples['dataset/repeated-photos']).toEqual([expect.stringContaining('owl/c.png')])
    const { state } = await createDatasetStore(folder.path).photos.read(id)
    expect(state.photos.find(({ file }) => file.endsWith('a.jpg'))).toMatchObject({ width: 80, height: 120 })
    expect(await createDatasetStore(folder.path).attributes(id)).toMatchObject({ rows: 2, columns: 0 })
  })

  it('leave nothing where the import is cancelled or no photo can be taken', async () => {
    await using folder = await temporaryFolder()
    const source = await writeTree(join(folder.path, 'Zoo'), { 'fox/a.png': 1, 'fox/b.png': 2, 'owl/a.png': 3 })
    const cancelled = new AbortController()
    const report = ({ message }: { message: string }): void => {
      if (message.startsWith('Reading photos')) cancelled.abort()
    }
    await expect(importInto(folder.path, [source], {}, { signal: cancelled.signal, report })).rejects.toThrow()
    expect(await readdir(join(folder.path, 'datasets'))).toEqual([])
    const broken = await writeTree(join(folder.path, 'Broken'), { 'fox/a.png': 'no', 'owl/a.png': 'no picture' })
    await expect(importInto(folder.path, [broken])).rejects.toMatchObject({ code: 'dataset/no-photos-kept' })
    expect(await readdir(join(folder.path, 'datasets'))).toEqual([])
  })

  it('can be dropped again from the workspace: the same photos and table, under the names they came with', () =>
    withCopy(async (store, folder, workspace) => {
      const again = await importInto(workspace, [folder], { name: 'Again' })
      expect(again).toMatchObject({ photos: true, counts: { images: 14, classes: 4, seen: 2, features: null } })
      const [was, is] = [await store.photos.read('small'), await store.photos.read(again.id)]
      const named = ({ state }: typeof was) =>
        state.photos.map(({ file, sha256 }, i) => [file, sha256, state.classNames[state.labels[i]]].join()).sort()
      expect(named(is)).toEqual(named(was))
    }))
})

describe('edits', () => {
  it('change the dataset as one step, which can be undone and made again', () =>
    withCopy(async (store, folder) => {
      const before = await smallFiles(folder)
      const manifest = await store.photos.edit('small', [
        { kind: 'relabel', photos: [1, 2], class: 3 },
        { kind: 'set-attributes', cells: [{ class: 0, attribute: 0, value: null }] },
        { kind: 'group-attributes', attributes: [0], group: 'colour' },
      ])
      expect(manifest.counts).toMatchObject({ seen: 3, unseen: 1, unknownAttributes: 2 })
      expect(before['manifest.json']).not.toContain(manifest.contentHash)
      const after = await smallFiles(folder)
      const detail = await store.get('small')
      expect(detail).toMatchObject({
        history: { undo: '3 changes', redo: null },
        attributeGroups: ['colour', null, null],
      })

      await store.photos.undo('small')
      expect(await smallFiles(folder)).toEqual(before)
      expect((await store.get('small')).history).toEqual({ undo: null, redo: '3 changes' })
      await store.photos.redo('small')
      expect(await smallFiles(folder)).toEqual(after)
      await expect(store.photos.redo('small')).rejects.toMatchObject({ code: 'dataset/nothing-to-redo' })
    }))

  it('that change nothing are no step, and those that are refused neither', () =>
    withCopy(async (store, folder) => {
      const before = await smallFiles(folder)
      await store.photos.edit('small', [{ kind: 'rename-class', class: 0, name: 'fox' }])
      const refused = store.photos.edit('small', [{ kind: 'remove-class', class: 0 }])
      await expect(refused).rejects.toMatchObject({ code: 'dataset/class-has-photos' })
      await expect(store.photos.undo('small')).rejects.toMatchObject({ code: 'dataset/nothing-to-undo' })
      expect(await smallFiles(folder)).toEqual(before)
    }))

  it('at the same time come one after another', () =>
    withCopy(async (store) => {
      const names = Array.from({ length: 8 }, (_, i) => `class ${i}`)
      await Promise.all(names.map((name) => store.photos.edit('small', [{ kind: 'add-class', name }])))
      expect((await store.get('small')).classes.slice(4).map(({ name }) => name)).toEqual(names)
    }))

  it('any sequence undone gives the same files byte for byte, and made again those from after', async () => {
    const { state } = await createDatasetStore(join(imported.path, 'workspace')).photos.read('small')
    const steps = fc.array(fc.array(anyEdit(state), { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(steps, (sequence) =>
        withCopy(async (store, folder) => {
          const moments = [await smallFiles(folder)]
          for (const edits of sequence) {
            await store.photos.edit('small', edits).catch(() => undefined)
            const now = await smallFiles(folder)
            if (JSON.stringify(now) !== JSON.stringify(moments.at(-1))) moments.push(now)
          }
          // Another process sees the same.
          expect(await createDatasetStore(join(folder, '..', '..')).get('small')).toEqual(await store.get('small'))
          for (const moment of moments.slice(0, -1).reverse()) {
            await store.photos.undo('small')
            expect(await smallFiles(folder)).toEqual(moment)
          }
          expect((await store.get('small')).history.undo).toBeNull()
          for (const moment of moments.slice(1)) {
            await store.photos.redo('small')
            expect(await smallFiles(folder)).toEqual(moment)
          }
          expect(await leftovers(folder)).toEqual([])
        }),
      ),
      { numRuns: 6 },
    )
  }, 30_000)

  it('are refused for a dataset that came as features, and for one whose files are damaged', () =>
    withCopy(async (store, folder, workspace) => {
      const { id } = await importInto(workspace, [await writeArrays(join(workspace, 'arrays'))], { name: 'Features' })
      const edit = [{ kind: 'add-class', name: 'hen' }] as const
      await expect(store.photos.edit(id, edit)).rejects.toMatchObject({ code: 'dataset/without-photos' })
      await expect(store.photos.edit('none', edit)).rejects.toMatchObject({ code: 'dataset/unknown' })
      for (const name of ['images.csv', 'labels.npy', 'splits.json', 'attributes.csv']) {
        const whole = await readFile(join(folder, name))
        await truncate(join(folder, name), Math.floor(whole.length / 2))
        const fresh = createDatasetStore(workspace)
        await expect(fresh.get('small'), name).rejects.toMatchObject({ code: 'dataset/damaged' })
        await expect(fresh.photos.edit('small', edit), name).rejects.toMatchObject({ code: 'dataset/damaged' })
        await writeFile(join(folder, name), whole)
      }
    }))
})

describe('features', () => {
  it('belong to the photos: they stay when a label changes, and go when photos come', () =>
    withCopy(async (store, folder) => {
      const without = await store.get('small')
      await giveFeatures(store, 'small')
      const made = await store.get('small')
      expect(made).toMatchObject({ counts: { features: 3 }, backbone: { id: 'basic' } })
      expect(made.contentHash).not.toBe(without.contentHash)
      expect((await store.load('small')).features).toHaveLength(14 * 3)

      await store.photos.edit('small', [{ kind: 'remove-photos', photos: [0] }])
      const { features, manifest, splits } = await store.load('small')
      expect([features!.length, manifest.counts.images]).toEqual([14 * 3, 13])
      expect([...splits.trainval, ...splits.testSeen, ...splits.testUnseen]).not.toContain(0)
      await store.photos.undo('small')
      expect((await store.get('small')).contentHash).toBe(made.contentHash)

      const { paths } = await store.photos.files('small')
      await cp(paths[0], join(folder, 'new.png'))
      const photo = { file: 'new.png', sha256: 'f'.repeat(64), extension: 'png', width: 4, height: 3 }
      const added = await store.photos.append('small', [{ ...photo, class: 'newt', from: join(folder, 'new.png') }], [])
      expect(added).toMatchObject({ backbone: null, counts: { images: 15, features: null, seen: 3 } })
      expect(await readdir(folder)).not.toContain('features.npy')
      expect((await store.get('small')).history.undo).toBe('add 1 photo')
      await store.photos.undo('small')
      expect(await store.get('small')).toMatchObject({ counts: { images: 14 }, contentHash: without.contentHash })
    }))

  it('of other photos than there are by now are refused', () =>
    withCopy(async (store, folder) => {
      await giveFeatures(store, 'small')
      const backbone = { id: 'basic', name: 'Basic', sha256: 'a'.repeat(64) }
      const features = { backbone, recipeHash: '', photosKey: 'other', file: join(folder, 'features.npy') }
      const refused = store.photos.storeFeatures('small', features)
      await expect(refused).rejects.toMatchObject({ code: 'dataset/changed-meanwhile' })
    }))

  it('that were cut are told as damage', () =>
    withCopy(async (store, folder) => {
      await giveFeatures(store, 'small')
      await truncate(join(folder, 'features.npy'), 150)
      await expect(store.load('small')).rejects.toMatchObject({ code: 'dataset/damaged' })
      await rm(join(folder, 'features.npy'))
      await expect(store.load('small')).rejects.toMatchObject({ code: 'dataset/damaged' })
    }))
})
