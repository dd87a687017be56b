import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  answer,
  classBookSchema,
  classEvaluationSchema,
  classGuideSchema,
  classPreviewSchema,
  traySchema,
  type Backend,
  type BackendEvent,
  type ClassGuide,
  type Tray,
} from '../../src-main/contract/index.ts'
import { colours, importColours, photoOf, quickKnobs, unseenColours } from './colours.ts'
import { openBackend } from './opened-backend.ts'
import { recreateEach, unseenTable, type Recreated } from './studio-held-back.ts'

const opened = await openBackend()
const { folder, grantOf } = opened
let backend: Backend
let run: string
let dataset: string
let backbone: string
let guide: ClassGuide
const events: BackendEvent[] = []

/** Again after a restart. */
function listen(): void {
  backend = opened.backend
  backend.subscribe({ snapshot: () => undefined, event: ({ event }) => void events.push(event) })
}
const row = (name: string): Float32Array<ArrayBuffer> => {
  const at = guide.classes.findIndex((one) => one.name === name)
  return new Float32Array(guide.rows.values.subarray(at * guide.rows.columns, (at + 1) * guide.rows.columns))
}
const visual = { anchors: null, photoWeight: null }
const cyan = () => ({ id: 'my-cyan', name: 'cyan', attributes: row('cyan'), visual })

beforeAll(async () => {
  listen()
  const imported = await importColours(opened)
  ;({ dataset, backbone } = imported)
  await backend.extractFeatures(imported)
  run = (await backend.startTraining({ dataset, set: quickKnobs, device: 'cpu' })).id
  await opened.ended(run)
  guide = await backend.getClassGuide({ run })
}, 120_000)
afterAll(opened.close)

describe('the studio', () => {
  it('knows the classes and attributes of a run', () => {
    expect(classGuideSchema.parse(guide)).toEqual(guide)
    expect(guide.classes.map(({ name }) => name).sort()).toEqual(Object.keys(colours).sort())
    expect(guide.attributes.map(({ name }) => name)).toEqual(['red', 'green', 'blue'])
    expect(guide.attributes[0]).toMatchObject({ kind: 'graded', low: 20, high: 235, seenLow: 20, seenHigh: 230 })
  })

  it('makes the same of an unseen class that is taken away and described again by its row', async () => {
    const recreated: Recreated[] = []
    for await (const one of recreateEach(opened.running, run)) recreated.push(one)
    expect(recreated.map(({ name }) => name).sort()).toEqual(unseenColours.toSorted())
    for (const { images, relabelled, difference, largest } of recreated) {
      expect({ images, relabelled }).toEqual({ images: 16, relabelled: 0 })
      expect(difference).toBeLessThan(1e-5)
      expect(largest).toBeGreaterThan(0.1)
    }
    expect((await backend.getClassBook({ run })).yours).toEqual([])

    // And of all of them at once, as a table.
    const { T1, calibrated } = (await backend.getRun({ run })).result!
    const again = await backend.evaluateClasses({ run, classes: { text: unseenTable(guide) } })
    expect(classEvaluationSchema.parse(again)).toEqual(again)
    expect(again).toMatchObject({ T1, ...calibrated })
    expect(again.described.map(({ name, images }) => [name, images])).toEqual(
      guide.classes.flatMap(({ name, role }) => (role === 'unseen' ? [[name, 8]] : [])),
    )
    // Each the other way round: whoever is one is told as the other.
    const [one, other] = unseenTable(guide).split('\n')
    const swap = (line: string, by: string): string => [line.split('\t')[0], ...by.split('\t').slice(1)].join('\t')
    const swapped = await backend.evaluateClasses({
      run,
      classes: { text: `${swap(one, other)}\n${swap(other, one)}` },
    })
    expect(swapped.T1).toBeCloseTo(100 - T1!)
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
    const photos = unseenColours.map((name) => join(folder, 'colours', 'images', name))
    const { classification, predictions } = await opened.classified(run, photos)
    const { id } = classification
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
    // The photo is judged as if the class had none.
    const measured = await backend.evaluateClasses({ run })
    expect(measured.described).toMatchObject([{ name: 'cyan', images: 8, photos: 1 }])
    const label = answer(predictions[yours], classification.gamma, classification.confidence).ranking[0].class
    expect(measured.described[0].photosAccuracy).toBe(label === column ? 100 : 0)
    expect((await backend.undoClassEdit({ run })).yours[0].photos).toEqual([])
    expect(await backend.evaluateClasses({ run })).toMatchObject({
      ...{ T1: (await backend.getRun({ run })).result!.T1, described: [{ photos: 0, photosAccuracy: null }] },
    })
  })

  it('says what speaks against a class', async () => {
    const codes = async (name: string, attributes: Float32Array<ArrayBuffer>) => {
      const { findings } = await backend.previewClass({ run, tray: null, class: { id: 'x', name, attributes, visual } })
      return findings.map(({ code }) => code)
    }
    expect(await codes('a second red', row('red'))).toContain('classes/same')
    expect(await codes('an odd one', Float32Array.of(9000, 30, 30))).toContain('classes/outside-training')
    expect(await codes('nothing yet', Float32Array.of(NaN, NaN, NaN))).toContain('classes/nothing-known')
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

    await opened.reopen()
    listen()
    expect(await backend.getClassBook({ run })).toEqual(again.book)
    expect((await backend.undoClassEdit({ run })).yours).toHaveLength(3)
    const wrong = { kind: 'add-class' as const, id: 'z', name: 'z', attributes: new Float32Array(2) }
    await expect(backend.editClasses({ run, edits: [wrong] })).rejects.toMatchObject({ code: 'classes/wrong-length' })
  })

  it('answers others while a long table is read', async () => {
    const text = `class,red,green,blue\n${'fox,1,2,3\n'.repeat(50_000)}`
    const read = backend.importClasses({ run, table: { text } }).catch((thrown: unknown) => thrown)
    // A timer is not heard while something else takes all of the process.
    const first = await Promise.race([read, new Promise((heard) => setTimeout(() => heard('a timer'), 1))])
    expect(first).toBe('a timer')
    expect(await read).toMatchObject({ code: 'classes/too-many', message: /50,000/ })
  })

  it('is measured on photos that get its name later', async () => {
    const book = await backend.getClassBook({ run })
    const before = await backend.evaluateClasses({ run })
    await backend.editClasses({
      run,
      edits: [
        { kind: 'remove-classes', classes: book.yours.map(({ id }) => id) },
        { kind: 'switch-own', names: ['cyan'], on: true },
        { kind: 'add-class', id: 'teal', name: 'Dr. Teal', attributes: Float32Array.of(20, 110, 110) },
      ],
    })
    expect((await backend.evaluateClasses({ run })).described).toEqual([
      { name: 'Dr. Teal', images: 0, accuracy: null, photos: 0, photosAccuracy: null },
    ])

    const photos = join(folder, 'teal')
    await mkdir(photos)
    for (const at of [1, 2, 3]) await writeFile(join(photos, `${at}.png`), await photoOf('cyan'))
    const { classes } = await backend.editDataset({ dataset, edits: [{ kind: 'add-class', name: 'dr_teal' }] })
    await backend.addPhotos({ dataset, class: classes.length - 1, grants: [await grantOf(photos)] })
    await backend.extractFeatures({ dataset, backbone })
    const after = await backend.evaluateClasses({ run })
    expect(after.described).toMatchObject([{ name: 'Dr. Teal', images: 3 }])
    expect(after.described[0].accuracy).not.toBeNull()
    // What the run learned from can no longer be told from what it did not.
    expect([before.S !== null, after.S, after.U !== null]).toEqual([true, null, true])
  })
})
