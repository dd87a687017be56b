import { randomUUID } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importInto, inspect, temporaryFolder } from '../testing/folders.ts'
import { writeTree } from '../testing/pictures.ts'

const photos = (folder: string, from: number) =>
  Object.fromEntries([0, 1, 2, 3, 4].map((i) => [`${folder}/${i}.png`, from + i]))

describe('a dataset of photos, copied from a workspace', () => {
  it('comes back as it was', async () => {
    await using folder = await temporaryFolder()
    const source = await writeTree(join(folder.path, 'Animals'), {
      ...photos('여우', 0),
      ...photos('owl', 10),
      ...photos('eel', 20),
      'attributes.csv': 'class,look: red,look: grey\n여우,100,0\nowl,0,?\neel,0,100\ndodo,0,20\n',
      'splits.json': '{"unseen": ["eel"]}',
    })
    const first = await importInto(folder.path, [source])
    const again = await importInto(folder.path, [join(folder.path, 'datasets', first.id)], { name: randomUUID() })
    expect(again).toMatchObject({ layout: 'image-folder', photos: true, counts: first.counts, splits: first.splits })
    expect(again.contentHash).toBe(first.contentHash)
  })

  it('with files that are missing or do not belong together is told so', async () => {
    await using folder = await temporaryFolder()
    const source = await writeTree(join(folder.path, 'Animals'), { ...photos('fox', 0), ...photos('owl', 10) })
    const { id } = await importInto(folder.path, [source])
    const stored = join(folder.path, 'datasets', id)
    const [one] = await readdir(join(stored, 'photos'))
    await rm(join(stored, 'photos', one), { recursive: true })
    const report = await inspect([stored], folder.path)
    expect(report.importable).toBe(true)
    expect(report.findings.map(({ code }) => code)).toContain('dataset/photos-missing')

    const labels = await readFile(join(stored, 'labels.npy'))
    await writeFile(join(stored, 'labels.npy'), labels.subarray(0, -4))
    const problem = (await inspect([stored], folder.path)).findings.find(({ level }) => level === 'problem')
    expect(problem).toMatchObject({ code: 'dataset/damaged', next: expect.any(String) as string })
  })
})
