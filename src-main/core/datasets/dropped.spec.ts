import { mkdirSync, writeFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TaskContext } from '../jobs/task.ts'
import { openDropped } from './dropped.ts'
import { inspect, temporaryFolder, writeXlsa17 } from './testing/folders.ts'

function writeEmpty(folder: string, count: number, extension: string): void {
  mkdirSync(folder, { recursive: true })
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `${i}.${extension}`), '')
}

const context: TaskContext = { signal: new AbortController().signal, report: () => undefined }

const list = (paths: readonly string[], files = 20_000) =>
  openDropped(paths, 'unused', context, { files, photos: 1_000_000 })

describe('a dropped folder', () => {
  it('shows its dataset beside any number of photographs', async () => {
    await using folder = await temporaryFolder()
    const source = await writeXlsa17(join(folder.path, 'Birds'))
    for (let i = 0; i < 10; i++) writeEmpty(join(source, 'data', 'JPEGImages', String(i)), 50, 'jpg')
    // Photos do not count among the files: twenty are enough to find two.
    const { files, photos, findings } = await list([source], 20)
    expect([files.length, photos.length, findings]).toEqual([2, 500, []])
    const report = await inspect([source], folder.path)
    expect(report).toMatchObject({ importable: true, layout: 'xlsa17', photos: 0 })
  })

  it('with too many photos says which folders were not looked at to their end', async () => {
    await using folder = await temporaryFolder()
    for (const name of ['a', 'b', 'c']) writeEmpty(join(folder.path, 'Birds', name), 10, 'JPEG')
    const { photos, findings } = await openDropped([join(folder.path, 'Birds')], 'unused', context, {
      files: 10,
      photos: 15,
    })
    expect(photos).toHaveLength(15)
    expect(findings).toMatchObject([
      { level: 'warning', code: 'dataset/too-many-photos', examples: ['Birds/b/', 'Birds/c/'] },
    ])
  })

  it('is looked at from its own files downwards', async () => {
    await using folder = await temporaryFolder()
    const top = join(folder.path, 'Birds')
    writeEmpty(join(top, 'a', 'deep'), 1, 'mat')
    writeEmpty(join(top, 'b'), 1, 'mat')
    await writeFile(join(top, 'z.mat'), '')
    const { files, findings } = await list([top])
    expect(files.map(({ name }) => name)).toEqual(['z.mat', 'b/0.mat', 'a/deep/0.mat'])
    expect(findings).toEqual([])
  })

  it('is not searched in hidden folders, nor more than three levels deep', async () => {
    await using folder = await temporaryFolder()
    for (const path of ['.git', '__MACOSX', 'a/.cache', 'a/b/c']) writeEmpty(join(folder.path, path), 1, 'mat')
    writeEmpty(join(folder.path, 'a', 'b'), 1, 'mat')
    expect((await list([folder.path])).files.map(({ name }) => name)).toEqual(['a/b/0.mat'])
  })

  it('with too many files says which folders were not looked at to their end', async () => {
    await using folder = await temporaryFolder()
    const source = await writeXlsa17(join(folder.path, 'Birds'))
    writeEmpty(join(source, 'a'), 30, 'txt')
    await mkdir(join(source, 'b'))
    // The two files of the dataset, and all thirty: nothing is left out.
    expect((await list([source], 32)).findings).toEqual([])
    const { files, findings } = await list([source], 20)
    expect(files).toHaveLength(20)
    expect(files.slice(0, 2).map(({ name }) => name)).toEqual(['att_splits.mat', 'res101.mat'])
    expect(findings).toMatchObject([
      { level: 'warning', code: 'dataset/too-many-files', examples: ['Birds/a/', 'Birds/b/'] },
    ])
    expect(findings[0].message).toContain('20 files')
  })

  it('says so even where the dataset lay in what was not looked at', async () => {
    await using folder = await temporaryFolder()
    const source = join(folder.path, 'Birds')
    writeEmpty(join(source, 'a'), 20_001, 'txt')
    await rename(await writeXlsa17(join(folder.path, 'elsewhere')), join(source, 'b'))
    const { findings } = await inspect([source], folder.path)
    expect(findings.map(({ level, code }) => [level, code])).toEqual([
      ['problem', 'dataset/unknown-layout'],
      ['warning', 'dataset/too-many-files'],
    ])
  }, 30_000)
})
