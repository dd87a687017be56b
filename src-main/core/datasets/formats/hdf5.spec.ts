import fc from 'fast-check'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { createDatasetStore } from '../store.ts'
import { importInto, inspect, smallFeatures, smallSplits, temporaryFolder, writeXlsa17 } from '../testing/folders.ts'
import { writeMat73, type Mat73Options } from '../testing/mat73-writer.ts'
import { matVariables } from './mat.ts'
import { allNumbers } from './variable.ts'

async function writeFolder(folder: string, options: Mat73Options = {}): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeMat73(join(folder, 'res101.mat'), smallFeatures(), options)
  await writeMat73(join(folder, 'att_splits.mat'), smallSplits(), options)
  return folder
}

describe('MATLAB 7.3 files', () => {
  it.each([{}, { chunkColumns: 5 }])('give the same dataset as MATLAB 5 files (%o)', async (options) => {
    await using folder = await temporaryFolder()
    const version73 = await writeFolder(join(folder.path, 'seven'), options)
    expect((await inspect([version73], folder.path)).findings.map((finding) => finding.code)).toContain(
      'dataset/folders-agree',
    )
    const version5 = await writeXlsa17(join(folder.path, 'five'))
    const first = await importInto(folder.path, [version73])
    expect(first.contentHash).toBe((await importInto(folder.path, [version5])).contentHash)
    expect((await createDatasetStore(folder.path).get(first.id)).classes.map((c) => c.name)).toContain('새')
  })

  it('are read in portions, in order', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'large.mat')
    const values = Float64Array.from({ length: 300 * 4000 }, (_, i) => i)
    await writeMat73(path, { features: { dimensions: [300, 4000], values } }, { chunkColumns: 70 })
    for await (const variable of matVariables({ path, name: 'large.mat' }, new AbortController().signal)) {
      expect(variable.dimensions).toEqual([300, 4000])
      let portions = 0
      let at = 0
      for await (const portion of variable.numbers()) {
        portions++
        expect(portion[0]).toBe(at)
        at += portion.length
      }
      expect(at).toBe(values.length)
      expect(portions).toBeGreaterThan(1)
    }
  })

  it('read an empty text', async () => {
    await using folder = await temporaryFolder()
    const path = join(folder.path, 'texts.mat')
    await writeMat73(path, { names: ['', 'owl'] })
    for await (const variable of matVariables({ path, name: 'texts.mat' }, new AbortController().signal)) {
      expect(await variable.strings()).toEqual(['', 'owl'])
    }
  })

  it('with any bytes changed or cut off are read or refused', async () => {
    await using folder = await temporaryFolder()
    await writeFolder(folder.path, { chunkColumns: 4 })
    const path = join(folder.path, 'att_splits.mat')
    const original = await readFile(path)
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.option(fc.nat(original.length)),
        async (changes, length) => {
          const bytes = Buffer.from(original)
          for (const [at, value] of changes) bytes[at] = value
          await writeFile(path, bytes.subarray(0, length ?? bytes.length))
          try {
            for await (const variable of matVariables({ path, name: 'a.mat' }, new AbortController().signal)) {
              if (variable.kind === 'numbers') await allNumbers('a.mat', variable, 10_000)
              else if (variable.kind !== 'other') await variable.strings()
            }
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(AppError)
          }
        },
      ),
      // A fixed seed: one byte in some hundred thousand makes HDF5 itself run for ever, which watch.ts is for.
      { numRuns: 250, seed: 7, interruptAfterTimeLimit: 2000 },
    )
  }, 15_000)
})
