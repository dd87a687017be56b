import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { drawCritter, pictureSize } from './draw.ts'
import { allSpecies, attributeNames, attributesOf } from './species.ts'
import { drawCritters } from './task.ts'

const pixels = (drawing: string) => sharp(Buffer.from(drawing)).removeAlpha().raw().toBuffer()
const unseen = allSpecies.filter((species) => species.unseen)
const seen = allSpecies.filter((species) => !species.unseen)

describe('the species', () => {
  it('are 30, six of them unseen, each described in its own way', () => {
    expect(allSpecies).toHaveLength(30)
    expect(unseen).toHaveLength(6)
    expect(new Set(allSpecies.map((one) => attributesOf(one).join())).size).toBe(30)
    expect(new Set(allSpecies.map(({ name }) => name)).size).toBe(30)
  })

  it('show every attribute of an unseen one on at least two seen ones', () => {
    for (const one of unseen) {
      attributesOf(one).forEach((value, at) => {
        if (value < 100) return
        const sharing = seen.filter((other) => attributesOf(other)[at] === 100).map(({ name }) => name)
        expect(sharing.length, `${one.name}: ${attributeNames[at]}`).toBeGreaterThanOrEqual(2)
      })
    }
  })
})

describe('a drawing', () => {
  it('is the same for the same seed and another for the next', () => {
    const [one, again, other] = [3, 3, 4].map((seed) => drawCritter(allSpecies[0], createRandom(seed)))
    expect(again).toBe(one)
    expect(other).not.toBe(one)
  })

  it('stays on the picture and fills a good part of it', async () => {
    const random = createRandom(1)
    for (const species of allSpecies) {
      const drawing = drawCritter(species, random)
      const picture = await sharp(Buffer.from(drawing)).metadata()
      expect([picture.width, picture.height]).toEqual([pictureSize, pictureSize])
      // The critter's ink outline is the only near-black there is.
      const data = await pixels(drawing)
      let [dark, onEdge] = [0, 0]
      for (let at = 0; at < pictureSize ** 2; at++) {
        if (data[3 * at] + data[3 * at + 1] + data[3 * at + 2] > 180) continue
        dark++
        const [x, y] = [at % pictureSize, Math.floor(at / pictureSize)]
        if (x === 0 || y === 0 || x === pictureSize - 1 || y === pictureSize - 1) onEdge++
      }
      expect(dark, species.name).toBeGreaterThan(800)
      expect(onEdge, species.name).toBeLessThan(30)
    }
  })
})

describe('the folder', () => {
  let folder: string
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'unseen-demo-'))))
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is the image-folder layout that anybody could drop', async () => {
    const heard: number[] = []
    await drawCritters(folder, {
      picturesOfEach: 2,
      seed: 1,
      signal: new AbortController().signal,
      onDrawn: (done) => heard.push(done),
    })
    expect(heard).toEqual(Array.from({ length: 60 }, (_, at) => at + 1))
    expect(await readdir(join(folder, 'images'))).toHaveLength(30)
    expect(await readdir(join(folder, 'images', 'Mossback'))).toEqual(['mossback-01.jpg', 'mossback-02.jpg'])
    const lines = (await readFile(join(folder, 'attributes.csv'), 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(31)
    expect(JSON.parse(await readFile(join(folder, 'splits.json'), 'utf8'))).toEqual({
      unseen: unseen.map(({ name }) => name),
    })
  })

  it('ends at once when cancelled', async () => {
    const controller = new AbortController()
    const drawing = drawCritters(folder, {
      picturesOfEach: 4,
      seed: 1,
      signal: controller.signal,
      onDrawn: () => controller.abort(),
    })
    await expect(drawing).rejects.toThrow(/abort/i)
  })
})
