import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createDatasetStore, type DatasetStore } from './store.ts'
import { importInto, temporaryFolder } from './testing/folders.ts'
import { giveFeatures, leftovers, smallFiles, writePhotoFolder } from './testing/photo-folder.ts'

/** Calls that change the disk; from this one on, all fail: the process is dead. */
const fault = vi.hoisted(() => ({ after: Infinity, calls: 0 }))

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const dying =
    <A extends unknown[], R>(call: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      fault.calls++ < fault.after ? call(...args) : Promise.reject(new Error('killed'))
  const { mkdir, rename, rm, writeFile } = real
  // Killed, not cut off from power: what was written is there without waiting for the disk.
  const open: typeof real.open = async (...args) =>
    Object.assign(await real.open(...args), { sync: () => Promise.resolve() })
  const changed = {
    mkdir: dying(mkdir),
    open: dying(open),
    rename: dying(rename),
    rm: dying(rm),
    writeFile: dying(writeFile),
  }
  return { ...real, ...changed }
})

let imported: Awaited<ReturnType<typeof temporaryFolder>>
beforeAll(async () => {
  imported = await temporaryFolder()
  await importInto(imported.path, [await writePhotoFolder(join(imported.path, 'Animals'))])
  const store = createDatasetStore(imported.path)
  await giveFeatures(store, 'small')
  await store.photos.edit('small', [{ kind: 'add-class', name: 'hen' }])
  // Nobody looks at the photos here, and copying them takes time.
  await rm(join(store.folderOf('small'), 'photos'), { recursive: true })
})
afterAll(() => imported[Symbol.asyncDispose]())

it.each<[string, (store: DatasetStore, folder: string) => Promise<unknown>]>([
  [
    'an edit',
    (store) =>
      store.photos.edit('small', [
        { kind: 'relabel', photos: [0], class: 3 },
        { kind: 'remove-photos', photos: [1] },
        { kind: 'rename-attribute', attribute: 0, name: 'colour' },
      ]),
  ],
  ['an undo', (store) => store.photos.undo('small')],
  [
    'an addition, which drops the features',
    (store, folder) => {
      const photo = { file: 'new.png', sha256: 'f'.repeat(64), extension: 'png', width: 4, height: 3 }
      return store.photos.append('small', [{ ...photo, class: 'newt', from: join(folder, 'splits.json.copy') }], [])
    },
  ],
])(
  '%s that is killed at any moment leaves the dataset as it was or as it becomes',
  async (_, change) => {
    let [old, changed] = [0, 0]
    for (let after = 0; ; after++) {
      await using folder = await temporaryFolder()
      await cp(join(imported.path, 'datasets'), join(folder.path, 'datasets'), { recursive: true })
      const store = createDatasetStore(folder.path)
      const dataset = store.folderOf('small')
      await cp(join(dataset, 'splits.json'), join(dataset, 'splits.json.copy'))
      const before = await smallFiles(dataset)

      Object.assign(fault, { after, calls: 0 })
      const died = await change(store, dataset).then(
        () => false,
        () => true,
      )
      fault.after = Infinity

      // The next start.
      const next = createDatasetStore(folder.path)
      await next.removeUnfinished()
      expect(await leftovers(dataset)).toEqual([])
      const { manifest, features } = await next.load('small')
      expect(features === null).toBe(manifest.counts.features === null)
      const { history } = await next.get('small')
      if (JSON.stringify(await smallFiles(dataset)) === JSON.stringify(before)) {
        old++
        expect(history).toEqual({ undo: 'add class “hen”', redo: null })
      } else {
        changed++
        // What came of it can be taken back.
        if (history.redo === null) await next.photos.undo('small')
        else await next.photos.redo('small')
        // Features that photos were added to are made again.
        expect({ ...(await smallFiles(dataset)), 'manifest.json': '' }).toEqual({ ...before, 'manifest.json': '' })
      }
      if (!died) break
    }
    expect(old).toBeGreaterThan(5)
    expect(changed).toBeGreaterThan(3)
  },
  30_000,
)
