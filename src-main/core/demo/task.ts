import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import type { DatasetManifest } from '../../contract/index.ts'
import { csvLine } from '../datasets/formats/csv.ts'
import { importTask, type ImportInput } from '../datasets/tasks.ts'
import type { Task } from '../jobs/task.ts'
import { createRandom } from '../random.ts'
import { drawCritter } from './draw.ts'
import { allSpecies, attributeNames, attributesOf } from './species.ts'

const picturesOfEach = 24
const seed = 7 // the same pictures on every machine: what a newcomer sees is what the README shows

export interface DrawOptions {
  readonly picturesOfEach: number
  readonly seed: number
  readonly signal: AbortSignal
  readonly onDrawn: (done: number, of: number) => void
}

/** Writes the image-folder layout that a person would drop: `images/<species>/*.jpg`, attributes.csv, splits.json. */
export async function drawCritters(
  folder: string,
  { picturesOfEach: count, seed: from, signal, onDrawn }: DrawOptions,
): Promise<void> {
  const random = createRandom(from)
  const total = allSpecies.length * count
  let done = 0
  for (const species of allSpecies) {
    const directory = join(folder, 'images', species.name)
    await mkdir(directory, { recursive: true })
    const drawings = Array.from({ length: count }, () => drawCritter(species, random))
    // All of one species at once: libvips works on them side by side.
    await Promise.all(
      drawings.map(async (drawing, at) => {
        signal.throwIfAborted()
        const name = `${species.name.toLowerCase()}-${String(at + 1).padStart(2, '0')}.jpg`
        await sharp(Buffer.from(drawing)).jpeg({ quality: 88 }).toFile(join(directory, name))
        onDrawn(++done, total)
      }),
    )
  }
  const rows = allSpecies.map((species) => csvLine([species.name, ...attributesOf(species).map(String)]))
  await writeFile(join(folder, 'attributes.csv'), csvLine(['species', ...attributeNames]) + rows.join(''))
  const unseen = allSpecies.filter((species) => species.unseen).map(({ name }) => name)
  await writeFile(join(folder, 'splits.json'), JSON.stringify({ unseen }))
}

/** Draws Critters and imports them like anybody's photos. */
export const demoTask: Task<Pick<ImportInput, 'working' | 'workspace' | 'importedAt'>, DatasetManifest> = {
  run: async ({ working, workspace, importedAt }, context) => {
    const { signal, report } = context
    const folder = join(working, 'drawn', 'Critters')
    const onDrawn = (drawn: number, of: number): void =>
      report({ progress: drawn / of / 2, message: `Drawing: ${drawn} of ${of} pictures`, secondsLeft: null })
    await drawCritters(folder, { picturesOfEach, seed, signal, onDrawn })
    const input = { paths: [folder], working, workspace, name: 'Critters', minusOne: 'value', importedAt } as const
    return importTask.run(
      { ...input, drawn: true },
      {
        signal,
        report: (said) => report({ ...said, progress: said.progress === null ? 0.5 : 0.5 + said.progress / 2 }),
      },
    )
  },
}
