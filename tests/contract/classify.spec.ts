import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, type BackendEvent, type Classification } from '../../src-main/contract/index.ts'
import { writeZip } from '../../src-main/core/datasets/testing/zip-writer.ts'
import { importColours, photoOf, quickKnobs, unseenColours, writeColours } from './colours.ts'
import { openBackend, type Classified } from './opened-backend.ts'

const opened = await openBackend()
const { folder, running, grantOf, importFolder, ended } = opened
let dataset: string
let run: string
const events: BackendEvent[] = []

beforeAll(async () => {
  const { backend } = running
  backend.subscribe({ snapshot: () => undefined, event: ({ event }) => void events.push(event) })
  const imported = await importColours(opened)
  dataset = imported.dataset
  await expect(backend.startTraining({ dataset, method: 'eszsl' })).rejects.toMatchObject({
    code: 'run/no-features',
    next: expect.stringContaining('backbone') as string,
  })
  await backend.extractFeatures(imported)
  run = (await backend.startTraining({ dataset, method: 'eszsl', set: quickKnobs })).id
  await ended(run)
}, 120_000)
afterAll(opened.close)

const classified = (paths: readonly string[], by = run): Promise<Classified> => opened.classified(by, paths)

/** A folder of new photos, one in a folder below, one broken. */
async function newPhotos(name: string): Promise<string> {
  const path = join(folder, name)
  await mkdir(join(path, 'below'), { recursive: true })
  for (const colour of ['red', 'green', 'cyan', 'white']) {
    await writeFile(join(path, `${colour}.png`), await photoOf(colour))
  }
  await writeFile(join(path, 'below', 'black.png'), await photoOf('black'))
  await writeFile(join(path, 'broken.jpg'), '<html>not a picture</html>')
  await writeFile(join(path, 'notes.txt'), 'not a photo at all')
  return path
}

it('photos that were removed need no grant any more, those of another look at the same ones do', async () => {
  const single = join(folder, 'blue.png')
  await writeFile(single, await photoOf('blue'))
  let released = 0
  const { id: grant } = await running.grants.add(single, () => released++)
  const [one, other] = await Promise.all(
    [1, 2].map(() => running.backend.startClassification({ run, grants: [grant] })),
  )
  await running.backend.removeClassification({ classification: one.id })
  expect(released).toBe(0)
  await running.backend.removeClassification({ classification: other.id })
  expect(released).toBe(1)
})

const best = ({ classification, predictions }: Classified) =>
  Object.fromEntries(
    predictions.map((one) => {
      const { ranking } = answer(one, classification.gamma, classification.confidence)
      return [one.file, ranking.length > 0 ? classification.classes[ranking[0].class].name : null]
    }),
  )

describe('classifying photos', () => {
  it('recorded the backbone, and how sure the run may be', async () => {
    const { backbone, result } = await running.backend.getRun({ run })
    expect(backbone).toMatchObject({ name: 'Averages' })
    expect(result?.T1).toBeGreaterThanOrEqual(50)
    expect(result?.confidence?.temperature).toBeGreaterThan(0)
  })

  it('says what is on photos that the run never saw, streams it, and lists what it cannot read', async () => {
    events.length = 0
    const found = await classified([await newPhotos('trip')])
    expect(found.classification).toMatchObject({ state: 'done', photos: 6, done: 6, name: 'trip', error: null, run })
    expect(best(found)).toMatchObject({ 'red.png': 'red', 'cyan.png': 'cyan', 'below/black.png': 'black' })
    const broken = found.predictions.find(({ file }) => file === 'broken.jpg')
    expect(broken).toMatchObject({ error: { code: 'photo/not-a-picture' } })
    expect(found.predictions.map(({ photo }) => photo)).toEqual([0, 1, 2, 3, 4, 5])
    const { classes } = found.classification
    expect(
      classes
        .filter(({ role }) => role === 'unseen')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['cyan', 'white'])
    // The same is told by events, and who connects now learns of it from the snapshot.
    const told = events.flatMap((event) => (event.type === 'predictions' ? event.predictions : []))
    expect(told).toEqual(found.predictions)
    const snapshot = await new Promise<Classification[]>((resolve) => {
      running.backend.subscribe({
        snapshot: (state) => resolve(state.snapshot.classifications),
        event: () => undefined,
      })
    })
    expect(snapshot).toContainEqual(found.classification)
  })

  it('takes zips and single files, and shows thumbnails of them', async () => {
    const zip = join(folder, 'photos.zip')
    await writeFile(zip, writeZip([{ name: 'a/green.png', data: await photoOf('green') }]))
    const single = join(folder, 'pink.png')
    await writeFile(single, await photoOf('pink'))
    const found = await classified([zip, single])
    expect(Object.values(best(found)).sort()).toEqual(['green', 'pink'])
    const { id } = found.classification
    const pictures = await running.backend.getClassifiedThumbnails({ classification: id, photos: [0, 1] })
    expect(pictures.map((one) => [...one.subarray(0, 2)])).toEqual([
      [0xff, 0xd8],
      [0xff, 0xd8],
    ])
    await expect(running.backend.getClassifiedThumbnails({ classification: id, photos: [2] })).rejects.toMatchObject({
      code: 'classify/unknown-photo',
    })
    await running.backend.removeClassification({ classification: id })
    expect(await readdir(join(running.workspace.cache, 'classifications')).catch(() => [])).not.toContain(id)
    await expect(running.backend.getClassification({ classification: id })).rejects.toMatchObject({
      code: 'classify/unknown',
    })
  })

  it('copies photos into folders, and overwrites nothing', async () => {
    const found = await classified([await newPhotos('sorting')])
    const { id } = found.classification
    const into = join(folder, 'sorted')
    await mkdir(join(into, 'red'), { recursive: true })
    await writeFile(join(into, 'red', 'red.png'), 'mine')
    const red = found.predictions.find(({ file }) => file === 'red.png')!.photo
    const sort = async (path: string) =>
      running.backend.sortClassified({
        classification: id,
        into: await grantOf(path),
        photos: [{ photo: red, folder: 'red' }],
      })
    expect(await sort(into)).toEqual({ copied: 1 })
    expect(await readFile(join(into, 'red', 'red.png'), 'utf8')).toBe('mine')
    expect((await readdir(join(into, 'red'))).sort()).toEqual(['red (2).png', 'red.png'])
    await expect(sort(join(into, 'red', 'red.png'))).rejects.toMatchObject({ code: 'classify/not-a-folder' })
  })

  it('adds photos to the dataset, each to the class that was chosen, by its name', async () => {
    const found = await classified([await newPhotos('keeping')])
    const classOf = (name: string) => found.classification.classes.findIndex((one) => one.name === name)
    const photoOf = (name: string) => found.predictions.find(({ file }) => file === name)!.photo
    const before = await running.backend.getDataset({ dataset })
    const images = ({ classes }: typeof before, name: string) => classes.find((one) => one.name === name)?.images
    const { dataset: after, ...rest } = await running.backend.keepClassified({
      classification: found.classification.id,
      photos: [
        { photo: photoOf('cyan.png'), class: classOf('cyan') },
        { photo: photoOf('white.png'), class: classOf('grey') },
      ],
    })
    expect(rest).toEqual({ added: 2, leftOut: [] })
    expect(images(after, 'cyan')).toBe(images(before, 'cyan')! + 1)
    expect(images(after, 'grey')).toBe(images(before, 'grey')! + 1)
    // The dataset is another one now; the model classifies all the same.
    expect(best(await classified([join(folder, 'keeping')]))).toMatchObject({ 'cyan.png': 'cyan' })
  })

  it('can be cancelled, and keeps what was said so far', async () => {
    const { id } = await running.backend.startClassification({ run, grants: [await grantOf(join(folder, 'colours'))] })
    await running.backend.cancelClassification({ classification: id })
    const { classification } = await running.backend.getClassification({ classification: id })
    expect(['cancelled', 'done']).toContain(classification.state)
    expect(classification.error).toBeNull()
  })

  it('recognises classes that nobody photographed: the figures are those of held-out classes', async () => {
    const { backend } = running
    const path = await writeColours(join(folder, 'unphotographed'))
    for (const colour of unseenColours) await rm(join(path, 'images', colour), { recursive: true })
    await rm(join(path, 'splits.json'))
    const id = await importFolder(path)
    expect((await backend.getDataset({ dataset: id })).counts).toMatchObject({ seen: 7, unseen: 2 })
    const { backbone } = await backend.getRun({ run })
    await backend.extractFeatures({ dataset: id, backbone: backbone!.id })
    for (const method of ['eszsl', 'ipn'] as const) {
      const started = await backend.startTraining({ dataset: id, method, device: 'cpu', set: quickKnobs })
      const { result } = await ended(started.id)
      expect(result).toMatchObject({ T1: null, U: null, H: null, calibrated: { U: null, H: null } })
      expect(result?.S).toBeGreaterThan(0)
      expect(result?.heldOut.T1).toBeGreaterThan(0)
      const found = await classified([join(folder, 'colours', 'images', 'cyan')], started.id)
      const names = found.classification.classes.filter(({ role }) => role === 'unseen').map(({ name }) => name)
      expect(names.sort()).toEqual(['cyan', 'white'])
      expect(found.predictions.every(({ unseen }) => unseen.classes.length === 2)).toBe(true)
    }
  })

  it('does not train where no attribute tells classes apart', async () => {
    const { backend } = running
    const path = await writeColours(join(folder, 'bare'))
    const id = await importFolder(join(path, 'images'))
    const { backbone } = await backend.getRun({ run })
    await backend.extractFeatures({ dataset: id, backbone: backbone!.id })
    await expect(backend.startTraining({ dataset: id })).rejects.toMatchObject({ code: 'run/no-attributes' })
  })

  it('refuses what cannot be classified, and says what to do', async () => {
    await writeFile(join(folder, 'letter.txt'), 'Dear Sir or Madam')
    const { classification } = await classified([join(folder, 'letter.txt')])
    expect(classification).toMatchObject({ state: 'failed', error: { code: 'classify/no-photos' } })
    const grants = [await grantOf(join(folder, 'colours'))]
    const start = (of: string) => running.backend.startClassification({ run: of, grants })
    await expect(start('no-such-run')).rejects.toMatchObject({ code: 'run/unknown' })
    const { backbone } = await running.backend.getRun({ run })
    await running.backend.removeBackbone({ backbone: backbone!.id })
    await expect(start(run)).rejects.toMatchObject({ code: 'classify/backbone-missing' })
    await running.backend.restoreBackbone({ backbone: backbone!.id })
    expect((await start(run)).state).toBe('running')
  })
})
