import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { averages, averagesRecipe, onnxBytes } from '../../src-main/core/backbones/testing/models.ts'
import { createRandom } from '../../src-main/core/random.ts'
import type { OpenedBackend } from './opened-backend.ts'

/** Photos of plain colours, whose attributes say how much red, green and blue is in them: what an average tells. */
export const colours: Readonly<Record<string, readonly [r: number, g: number, b: number]>> = {
  red: [220, 30, 30],
  green: [30, 200, 30],
  blue: [30, 30, 220],
  yellow: [220, 210, 30],
  black: [20, 20, 20],
  grey: [120, 120, 120],
  pink: [230, 130, 180],
  // Unseen:
  white: [235, 235, 235],
  cyan: [30, 200, 210],
}
export const unseenColours = ['white', 'cyan']

const random = createRandom(5)

/** A small PNG of nearly that colour. */
export function photoOf(colour: string): Promise<Buffer> {
  const [r, g, b] = colours[colour].map((value) => Math.max(0, Math.min(255, value + random.integer(31) - 15)))
  return sharp({ create: { width: 12, height: 9, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer()
}

/** An image folder of them, the layout that a person drops. */
export async function writeColours(folder: string, photosPerClass = 8): Promise<string> {
  for (const colour of Object.keys(colours)) {
    await mkdir(join(folder, 'images', colour), { recursive: true })
    for (let at = 0; at < photosPerClass; at++) {
      await writeFile(join(folder, 'images', colour, `${colour} ${at}.png`), await photoOf(colour))
    }
  }
  const rows = Object.entries(colours).map(([name, parts]) => [name, ...parts].join())
  await writeFile(join(folder, 'attributes.csv'), ['class,red,green,blue', ...rows, ''].join('\n'))
  await writeFile(join(folder, 'splits.json'), JSON.stringify({ unseen: unseenColours }))
  return folder
}

/** A network that averages each channel. */
export async function writeAverages(path: string): Promise<string> {
  await writeFile(path, onnxBytes(averages))
  return path
}

export { averagesRecipe }

/** Imports the colours and that network; the features of their photos are still to be made. */
export async function importColours({ folder, backend, grantOf, importFolder }: OpenedBackend): Promise<{
  readonly dataset: string
  readonly backbone: string
}> {
  const dataset = await importFolder(await writeColours(join(folder, 'colours')))
  const draft = await backend.inspectBackbone({
    grant: await grantOf(await writeAverages(join(folder, 'averages.onnx'))),
  })
  const { id } = await backend.importBackbone({
    ...{ draft: draft.id, name: 'Averages', licence: 'MIT', source: 'a test', recipe: averagesRecipe },
  })
  return { dataset, backbone: id }
}

/** Knobs of a training that takes a second. */
export const quickKnobs = {
  featureScaling: 'standard',
  hidden: 16,
  attentionWidth: 8,
  edgeNeighbours: 2,
  classesPerEpisode: 5,
  learningRate: 5e-3,
  episodes: 100,
  holdOuts: 2,
} as const
