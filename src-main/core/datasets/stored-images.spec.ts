import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { importInto, small, temporaryFolder, writeXlsa17 } from './testing/folders.ts'
import { openStoredImages } from './stored-images.ts'

async function stored() {
  const folder = await temporaryFolder()
  const workspace = join(folder.path, 'workspace')
  const manifest = await importInto(workspace, [await writeXlsa17(join(folder.path, 'set'))])
  const path = join(workspace, 'datasets', manifest.id)
  return { path, hash: manifest.contentHash, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

it('gives the features of any images in any order, without the rest', async () => {
  await using set = await stored()
  const images = (await openStoredImages(set.path, set.hash))!
  expect((await images.imageFiles())?.[3]).toContain('3.jpg')
  expect(images.trainval).toEqual(Int32Array.from(small.trainval, (one) => one - 1))
  for (const wanted of [[], [11], [0, 1, 2, 3], [1, 3, 4, 10], [7, 2, 2, 5]]) {
    const found: number[][] = []
    for await (const row of images.features(Int32Array.from(wanted))) found.push([...row])
    expect(found).toEqual(wanted.map((image) => small.features.slice(image * 3, image * 3 + 3)))
  }
})

it('is nothing where the dataset is another one by now, or gone', async () => {
  await using set = await stored()
  const images = await openStoredImages(set.path, set.hash)
  expect(await images?.isThere()).toBe(true)
  expect(await openStoredImages(set.path, 'another')).toBeNull()
  await rm(set.path, { recursive: true })
  expect(await images?.isThere()).toBe(false)
  expect(await openStoredImages(set.path, set.hash)).toBeNull()
})
