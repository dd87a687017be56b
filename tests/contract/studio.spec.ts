import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  classBookSchema,
  classGuideSchema,
  classPreviewSchema,
  traySchema,
  type Backend,
  type BackendEvent,
  type ClassGuide,
  type Tray,
} from '../../src-main/contract/index.ts'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'
import { averagesRecipe, colours, quickKnobs, unseenColours, writeAverages, writeColours } from './colours.ts'

const spawnJob = nodeSpawnJob(new URL('../../src-main/hosts/node/job-process.ts', import.meta.url))

let folder: string
let running: RunningBackend
let backend: Omit<Backend, 'subscribe'>
let run: string
let guide: ClassGuide
const events: BackendEvent[] = []

const open = async (): Promise<void> => {
  running = await createBackend({
    ...{ workspace: join(folder, 'workspace'), host: 'cli', version: '0', log: () => undefined, spawnJob },
  })
  backend = running.backend
  running.backend.subscribe({ snapshot: () => undefined, event: ({ event }) => void events.push(event) })
}
const grantOf = async (path: string): Promise<string> => (await running.grants.add(path)).id
const row = (name: string): Float32Array<ArrayBuffer> => {
  const at = guide.classes.findIndex((one) => one.name === name)
  return new Float32Array(guide.rows.values.subarray(at * guide.rows.columns, (at + 1) * guide.rows.columns))
}
const visual = { anchors: null, photoWeight: null }
const cyan = () => ({ id: 'my-cyan', name: 'cyan', attributes: row('cyan'), visual })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-studio-'))
  await open()
  const report = await backend.inspectDataset({ grants: [await grantOf(await writeColours(join(folder, 'colours')))] })
  const dataset = (await backend.importDataset({ report: report.id })).id
  const draft = await backend.inspectBackbone({
    grant: await grantOf(await writeAverages(join(folder, 'averages.onnx'))),
  })
  const { id: backbone } = await backend.importBackbone({
    ...{ draft: draft.id, name: 'Averages', licence: 'MIT', source: 'a test', recipe: averagesRecipe },
  })
  await backend.extractFeatures({ dataset, backbone })
  run = (await backend.startTraining({ dataset, set: quickKnobs, device: 'cpu' })).id
  await vi.waitUntil(async () => (await backend.getRun({ run })).state !== 'running', { timeout: 60_000, interval: 50 })
  guide = await backend.getClassGuide({ run })
}, 120_000)
afterAll(async () => {
  await running.close()
  await rm(folder, { recursive: true, force: true })
})

describe('the studio', () => {
  it('knows the classes and attributes of a run', () => {
    expect(classGuideSchema.parse(guide)).toEqual(guide)
    expect(guide.classes.map(({ name }) => name).sort()).toEqual(Object.keys(colours).sort())
    expect(guide.attributes.map(({ name }) => name)).toEqual(['red', 'green', 'blue'])
    expect(guide.attributes[0]).toMatchObject({ kind: 'graded', low: 20, high: 235, seenLow: 20, seenHigh: 230 })
  })

  it('previews a class that is described anew as the one whose place it takes', async () => {
    await backend.editClasses({
      run,
      edits: [
        { kind: 'switch-own', names: ['cyan'], on: false },
        { kind: 'add-class', id: 'my-cyan', name: 'cyan', attributes: row('cyan') },
      ],
    })
    const tray: Tray = await backend.openTray({ run, source: { kind: 'dataset', images: 'test-unseen' } })
    expect(traySchema.parse(tray)).toEqual(tray)
    expect(tray.photos).toHaveLength(16)
    const preview = await backend.previewClass({
      ...{ run, tray: tray.id, class: cyan() },
    })
    expect(classPreviewSchema.parse(preview)).toEqual(preview)
    expect(preview.classes.at(-1)).toEqual({ name: 'cyan', role: 'yours' })

    // What the page sees while a class is described is what Classify says once it is there.
    const photos = await Promise.all(unseenColours.map((name) => grantOf(join(folder, 'colours', 'images', name))))
    const { id } = await backend.startClassification({ run, grants: photos })
    const look = () => backend.getClassification({ classification: id })
    await vi.waitUntil(async () => (await look()).classification.state !== 'running', { timeout: 30_000, interval: 50 })
    const { classification, predictions } = await look()
    expect(classification.classes).toContainEqual({ name: 'cyan', role: 'yours', id: 'my-cyan' })
    const column = classification.classes.length - 1
    const dropped = await backend.openTray({ run, source: { kind: 'classification', classification: id } })
    const again = await backend.previewClass({ run, tray: dropped.id, class: cyan() })
    for (const [at, { photo }] of dropped.photos.entries()) {
      const { unseen } = predictions[photo]
      expect(again.tray!.scores[at]).toBeCloseTo(unseen.scores[unseen.classes.indexOf(column)], 4)
    }

    const yours = predictions.findIndex(({ file }) => file.includes('cyan'))
    const kept = backend.keepClassified({ classification: id, photos: [{ photo: yours, class: column }] })
    await expect(kept).rejects.toMatchObject({ code: 'classify/yours' })
    const given = await backend.addClassPhotos({
      ...{ run, class: 'my-cyan', photos: { classification: id, photos: [yours] } },
    })
    expect(given.book.yours[0].photos).toHaveLength(1)
    const shown = await backend.getClassPhotoThumbnails({
      ...{ run, class: 'my-cyan', photos: given.book.yours[0].photos.map((one) => one.id) },
    })
    expect(shown[0].length).toBeGreaterThan(0)
    const withPhoto = await backend.previewClass({ run, tray: null, class: cyan() })
    expect(withPhoto.photoShare).toBeGreaterThan(0)
    expect(withPhoto.photoShare + withPhoto.anchors.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1)
    expect((await backend.undoClassEdit({ run })).yours[0].photos).toEqual([])
  })

  it('says what speaks against a class', async () => {
    const codes = async (name: string, attributes: Float32Array<ArrayBuffer>) => {
      const { findings } = await backend.previewClass({ run, tray: null, class: { id: 'x', name, attributes, visual } })
      return findings.map(({ code }) => code)
    }
    expect(await codes('a second red', row('red'))).toContain('classes/same')
    expect(await codes('an odd one', Float32Array.of(9000, 30, 30))).toContain('classes/outside-training')
    expect(await codes('nothing yet', Float32Array.of(NaN, NaN, NaN))).toContain('classes/hardly-known')
  })

  it('takes a table, gives it back, and keeps everything over a restart', async () => {
    const imported = await backend.importClasses({
      run,
      table: { text: 'class,blue,red\nred,1,2\n"a ""<b>"" 🐆",3,?\n' },
    })
    expect(imported.book.yours.map(({ name }) => name)).toEqual(['cyan', 'red (2)', 'a "<b>" 🐆'])
    expect(imported.findings.map(({ code }) => code)).toEqual([
      ...['classes/missing-attributes', 'classes/out-of-range', 'classes/name-taken'],
    ])
    const { bytes } = await backend.exportClasses({ run, classes: imported.added })
    const path = join(folder, 'classes.csv')
    await writeFile(path, bytes)
    const again = await backend.importClasses({ run, table: { grant: await grantOf(path) } })
    expect(again.book.yours.slice(3).map(({ name }) => name)).toEqual(['red (2) (2)', 'a "<b>" 🐆 (2)'])
    expect(again.book.yours[3].attributes).toEqual(imported.book.yours[1].attributes)
    expect(classBookSchema.parse(again.book)).toEqual(again.book)
    expect(events.at(-1)).toEqual({ type: 'class-book', book: again.book })

    await running.close()
    await open()
    expect(await backend.getClassBook({ run })).toEqual(again.book)
    expect((await backend.undoClassEdit({ run })).yours).toHaveLength(3)
    const wrong = { kind: 'add-class' as const, id: 'z', name: 'z', attributes: new Float32Array(2) }
    await expect(backend.editClasses({ run, edits: [wrong] })).rejects.toMatchObject({ code: 'classes/wrong-length' })
  })
})
