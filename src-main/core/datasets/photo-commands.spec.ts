import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { attributeTableSchema, photoPlaceSchema, photoTableSchema, type BackendEvent } from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { createGrants } from '../grants.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { openWorkspace } from '../workspace/index.ts'
import { datasetCommands } from './commands.ts'
import { addPhotosTask, importTask, inspectTask, readAttributesTask } from './tasks.ts'
import { importInto, temporaryFolder } from './testing/folders.ts'
import { giveFeatures, writePhotoFolder } from './testing/photo-folder.ts'
import { picture, writeTree } from './testing/pictures.ts'
import { createDatasetStore } from './store.ts'

/** Jobs that run here; inputs and outputs are cloned as on the way to a process. */
const here = {
  run(name: 'inspect' | 'import' | 'add-photos' | 'read-attributes', input: never) {
    const context = { signal: new AbortController().signal, report: () => undefined }
    const task = {
      ...{ inspect: inspectTask, import: importTask },
      ...{ 'add-photos': addPhotosTask, 'read-attributes': readAttributesTask },
    }[name] as typeof inspectTask
    const done = task.run(structuredClone(input), context)
    return { id: 'job', done: done.then((output) => structuredClone(output)), cancel: () => undefined }
  },
} as unknown as Jobs

async function animals(folder: string) {
  const workspace = await openWorkspace(join(folder, 'workspace'))
  await importInto(workspace.directory, [await writePhotoFolder(join(folder, 'Animals'))])
  const events: BackendEvent[] = []
  const grants = createGrants()
  const context: BackendContext = {
    ...{ workspace, jobs: here, grants, emit: (event) => events.push(event) },
    ...{ clock: () => new Date('2026-01-02T03:04:05Z'), log: () => undefined },
  }
  const commands = await datasetCommands(context)
  const drop = async (path: string): Promise<string> => (await grants.add(path)).id
  return { commands, events, drop, workspace, folder: join(workspace.datasets, 'small') }
}

const dataset = 'small'

describe('the photo commands', () => {
  it('list the photos with their places', async () => {
    await using folder = await temporaryFolder()
    const { commands } = await animals(folder.path)
    await commands.editDataset({ dataset, edits: [{ kind: 'remove-photos', photos: [3] }] })
    const table = await commands.getPhotos({ dataset })
    expect(photoTableSchema.parse(table)).toEqual(table)
    expect(table.files).toHaveLength(14)
    const places = Array.from(table.places, (place) => photoPlaceSchema.options[place])
    expect(places[3]).toBe('removed')
    expect(places.filter((place) => place === 'testUnseen')).toHaveLength(6)
    expect(places).not.toContain('none')
    expect([table.widths[0], table.heights[0]]).toEqual([4, 3])
  })

  it('show thumbnails, made anew where the cache was emptied, and nothing for a photo that is damaged', async () => {
    await using folder = await temporaryFolder()
    const { commands, workspace } = await animals(folder.path)
    const { paths } = await commands.photoFiles(dataset)
    const [first] = await commands.getThumbnails({ dataset, photos: [0] })
    expect(await sharp(first).metadata()).toMatchObject({ format: 'jpeg', width: 4, height: 3 })
    await rm(join(workspace.cache, 'thumbnails'), { recursive: true })
    await writeFile(paths[1], 'no picture')
    const [again, damaged] = await commands.getThumbnails({ dataset, photos: [0, 1] })
    expect(again).toEqual(first)
    expect(damaged).toHaveLength(0)
    expect(await readdir(join(workspace.cache, 'thumbnails'))).toHaveLength(1)
    await expect(commands.getThumbnails({ dataset, photos: [14] })).rejects.toMatchObject({
      code: 'dataset/unknown-photo',
    })
    expect(await sharp(await commands.getPhoto({ dataset, photo: 0 })).metadata()).toMatchObject({ width: 4 })
    await expect(commands.getPhoto({ dataset, photo: 1 })).rejects.toMatchObject({ code: 'photo/not-a-picture' })
  })

  it('add dropped photos to a class, tell what was left out, and can take them back', async () => {
    await using folder = await temporaryFolder()
    const { commands, events, drop, workspace, folder: kept } = await animals(folder.path)
    await giveFeatures(createDatasetStore(workspace.directory), dataset)
    const files = {
      '새 1.png': 100,
      'deep/er/b.png': 101,
      'broken.jpg': 'no',
      'there.png': await picture(20),
      'notes.txt': '',
    }
    const source = await writeTree(join(folder.path, 'More'), files)
    const { dataset: detail, ...rest } = await commands.addPhotos({ dataset, class: 3, grants: [await drop(source)] })
    expect(detail).toMatchObject({ counts: { images: 16, features: null, seen: 3 }, history: { undo: 'add 2 photos' } })
    const leftOut = ['dataset/broken-photos', 'dataset/repeated-photos']
    expect(rest).toMatchObject({ added: 2, leftOut: leftOut.map((code) => ({ code })) })
    expect(detail.findings.map(({ code }) => code)).toEqual(expect.arrayContaining(leftOut))
    expect(events.at(-1)).toMatchObject({ type: 'dataset', dataset: { id: 'small', counts: { images: 16 } } })
    const { files: names, labels } = await commands.getPhotos({ dataset })
    expect(names.slice(14).sort()).toEqual(['deep/er/b.png', '새 1.png'])
    expect([...labels.slice(14)]).toEqual([3, 3])
    const { paths } = await commands.photoFiles(dataset)
    for (const path of paths) expect((await readFile(path)).length).toBeGreaterThan(0)
    // The features are of fewer photos than there are.
    expect(await readdir(kept)).not.toContain('features.npy')

    expect(await commands.undoEdit({ dataset })).toMatchObject({
      counts: { images: 14 },
      history: { redo: 'add 2 photos' },
    })
    expect(await commands.redoEdit({ dataset })).toMatchObject({ counts: { images: 16 } })
    expect((await readdir(workspace.datasets)).sort()).toEqual(['small'])
  })

  it('bring back a photo that was taken out when it is dropped again', async () => {
    await using folder = await temporaryFolder()
    const { commands, drop } = await animals(folder.path)
    await commands.editDataset({ dataset, edits: [{ kind: 'remove-photos', photos: [0] }] })
    const { files } = await commands.getPhotos({ dataset })
    const dropped = await drop(join(folder.path, 'Animals', files[0]))
    await commands.addPhotos({ dataset, class: 3, grants: [dropped] })
    const { labels, places } = await commands.getPhotos({ dataset })
    expect([labels.length, labels[0]]).toEqual([14, 3])
    expect(photoPlaceSchema.options[places[0]]).toBe('trainval')
  })

  it('refuse what has no photo to add, and change nothing then', async () => {
    await using folder = await temporaryFolder()
    const { commands, events, drop } = await animals(folder.path)
    const before = await commands.getDataset({ dataset })
    const add = async (name: string, files: Record<string, string | number>) =>
      commands.addPhotos({ dataset, class: 0, grants: [await drop(await writeTree(join(folder.path, name), files))] })
    await mkdir(join(folder.path, 'Empty'))
    await expect(add('Empty', {})).rejects.toMatchObject({ code: 'dataset/no-photos' })
    await expect(add('Known', { 'a.png': 20 })).rejects.toMatchObject({ code: 'dataset/no-photos-kept' })
    await expect(commands.addPhotos({ dataset, class: 4, grants: ['x'] })).rejects.toMatchObject({
      code: 'grant/unknown',
    })
    expect(await commands.getDataset({ dataset })).toEqual(before)
    expect(events).toEqual([])
  })

  it('keep classified photos, each in its class', async () => {
    await using folder = await temporaryFolder()
    const { commands } = await animals(folder.path)
    const source = await writeTree(join(folder.path, 'New'), { 'a.png': 200, 'b.png': 201 })
    const photos = ['a.png', 'b.png'].map((name, index) => ({ path: join(source, name), name, class: index * 3 }))
    const { dataset: detail, ...rest } = await commands.keepPhotos(dataset, photos)
    expect(rest).toEqual({ added: 2, leftOut: [] })
    expect(detail.classes.map(({ images }) => images).reduce((a, b) => a + b)).toBe(16)
    expect([...(await commands.getPhotos({ dataset })).labels.slice(14)]).toEqual([0, 3])
  })

  it('are not kept twice, also where features were made of them since', async () => {
    await using folder = await temporaryFolder()
    const { commands, drop, workspace } = await animals(folder.path)
    await giveFeatures(createDatasetStore(workspace.directory), dataset)
    const report = await commands.inspectDataset({ grants: [await drop(join(folder.path, 'Animals'))] })
    expect((await commands.importDataset({ report: report.id })).id).toBe('small')
    expect(await readdir(workspace.datasets)).toEqual(['small'])
    // Another table is another dataset.
    await commands.editDataset({ dataset, edits: [{ kind: 'add-attribute', name: 'furry' }] })
    expect((await commands.importDataset({ report: report.id })).id).toBe('animals')
  })

  it('read a table of attributes and find its names in the dataset, which stays as it is', async () => {
    await using folder = await temporaryFolder()
    const { commands, events, drop } = await animals(folder.path)
    const read = async (files: Record<string, string>) =>
      commands.readAttributeTable({
        dataset,
        grants: [await drop(await writeTree(join(folder.path, 'table'), files))],
      })
    // The other way round, spelt otherwise, with a class and an attribute of its own.
    const table = await read({ 'more.csv': 'name,OWL,yeti,Newt\nwings,1,1,?\nfurry,0,1,0.5\n' })
    expect(attributeTableSchema.parse(table)).toMatchObject({
      file: expect.stringContaining('more.csv') as string,
      classes: [
        { name: 'OWL', index: expect.any(Number) as number },
        { name: 'yeti', index: null },
        { name: 'Newt', index: expect.any(Number) as number },
      ],
      attributes: [
        { name: 'wings', group: null, index: 2 },
        { name: 'furry', group: null, index: null },
      ],
      values: { rows: 3, columns: 2, values: Float32Array.of(1, 0, 1, 1, NaN, 0.5) },
    })
    const { classes } = await commands.getDataset({ dataset })
    expect(classes[table.classes[0].index!].name).toBe('owl')
    const delta = '*CHARACTER LIST\n#1. wings/\n1. long/\n2. short/\n*ITEM DESCRIPTIONS\n# Fox/ 1,2\n# Owl/ 1,1\n'
    await rm(join(folder.path, 'table', 'more.csv'))
    expect(await read({ 'animals.dlt': delta })).toMatchObject({
      attributes: [{ group: 'wings', index: null }, { group: 'wings' }],
      values: { rows: 2, columns: 2, values: Float32Array.of(0, 100, 100, 0) },
    })
    await rm(join(folder.path, 'table', 'animals.dlt'))
    await expect(read({ 'notes.pdf': 'x' })).rejects.toMatchObject({ code: 'dataset/no-attribute-table' })
    await expect(read({ 'other.csv': 'name,x,y\nyeti,1,2\nnessie,2,3\n' })).rejects.toMatchObject({
      code: 'dataset/no-class-matches',
    })
    expect(events).toEqual([])
  })

  it('suggest unseen classes', async () => {
    await using folder = await temporaryFolder()
    const { commands } = await animals(folder.path)
    const { classes } = await commands.suggestUnseen({ dataset, count: 1 })
    const names = (await commands.getDataset({ dataset })).classes.map(({ name }) => name)
    // Only the owl has wings, only the eel swims among those with photos.
    expect(classes.map((index) => names[index])).toEqual(['fox'])
  })
})
