import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scaleAttributes } from '../method/scaling.ts'
import { readSafetensors, writeSafetensors } from '../workspace/index.ts'
import { runFiles } from './run-folder.ts'
import { contextOf, readClassDescriptions, readEszslModel, readModelContext, writeEszslModel } from './stored-model.ts'
import { tinyDataset } from './testing/tiny-dataset.ts'

let folder: string
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'unseen-model-'))))
afterAll(() => rm(folder, { recursive: true }))

const dataset = tinyDataset()
dataset.attributes[7] = NaN
const scaled = scaleAttributes(dataset.attributes, 6, 'global', dataset.seenClasses)
const write = () =>
  writeEszslModel(
    folder,
    { weights: new Float32Array(6 * 12).fill(0.5), attributes: scaled },
    contextOf(dataset, { featureScaling: 'l2' }),
  )

describe('a stored model', () => {
  it('knows its classes as they were imported, so that a class described later is scaled as they were', async () => {
    await write()
    const kept = await readClassDescriptions(folder)
    const { attributeNames, attributeGroups, attributes } = dataset
    const trainingImages = new Int32Array(9).fill(8)
    expect(kept).toEqual({ attributeNames, attributeGroups, rawAttributes: attributes, trainingImages })
    const { seenClasses: seen } = await readModelContext(folder)
    const withAnother = Float32Array.from([...kept.rawAttributes, ...kept.rawAttributes.subarray(6, 12)])
    const again = scaleAttributes(withAnother, 6, 'global', seen)
    expect(again.subarray(0, scaled.length)).toEqual((await readEszslModel(folder)).attributes)
    expect(again.subarray(scaled.length)).toEqual(scaled.subarray(6, 12))
  })

  it('of an earlier version says that it does not, and still classifies', async () => {
    await write()
    const file = runFiles(folder).model
    const { tensors, metadata } = await readSafetensors(file)
    await writeSafetensors(file, tensors, { classes: metadata.classes })
    await expect(readClassDescriptions(folder)).rejects.toMatchObject({ code: 'run/no-descriptions' })
    expect((await readModelContext(folder)).classNames).toEqual(dataset.classNames)
  })
})
