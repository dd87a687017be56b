import fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import type { TaskContext } from '../../jobs/task.ts'
import { createDatasetStore } from '../store.ts'
import { extractZip } from './zip.ts'
import { importInto, inspect, temporaryFolder, writeXlsa17 } from '../testing/folders.ts'
import { writeZip, type ZipEntry } from '../testing/zip-writer.ts'

async function xlsa17Entries(folder: string, prefix: string): Promise<ZipEntry[]> {
  const source = await writeXlsa17(join(folder, 'source'))
  const names = await readdir(source)
  return Promise.all(names.map(async (name) => ({ name: prefix + name, data: await readFile(join(source, name)) })))
}

async function problemOf(folder: string, zip: Buffer): Promise<string | undefined> {
  await writeFile(join(folder, 'dataset.zip'), zip)
  const report = await inspect([join(folder, 'dataset.zip')], folder)
  return report.findings.find((finding) => finding.level === 'problem')?.code
}

describe('a dropped zip', () => {
  it('is imported like the folder in it', async () => {
    await using folder = await temporaryFolder()
    const extra = { name: '__MACOSX/새/._res101.mat', data: Buffer.from('not a dataset') }
    const zip = join(folder.path, 'Birds 새.zip')
    await writeFile(zip, writeZip([...(await xlsa17Entries(folder.path, 'birds/새/')), extra]))
    expect(await inspect([zip], folder.path)).toMatchObject({ name: 'Birds 새', importable: true, layout: 'xlsa17' })
    const { id, contentHash } = await importInto(folder.path, [zip])
    expect((await createDatasetStore(folder.path).load(id)).labels).toHaveLength(12)
    expect((await importInto(folder.path, [join(folder.path, 'source')])).contentHash).toBe(contentHash)
  })

  it('cannot write outside of its folder', async () => {
    await using folder = await temporaryFolder()
    const names = ['../../escaped.mat', '/absolute/escaped.mat', 'a/../../escaped.mat', '..\\escaped.mat', 'C:\\x.mat']
    for (const name of names) {
      const entries = await xlsa17Entries(folder.path, '')
      expect(await problemOf(folder.path, writeZip([{ name, data: Buffer.from('x') }, ...entries]))).toBe(
        'dataset/unsupported-content',
      )
    }
    expect((await readdir(folder.path)).sort()).toEqual(['dataset.zip', 'datasets', 'source'])
  })

  it('cannot fill the disk', async () => {
    await using folder = await temporaryFolder()
    const zeros = Buffer.alloc(2 ** 20)
    const announcing = (announcedBytes: number) => writeZip([{ name: 'res101.mat', data: zeros, announcedBytes }])
    expect(await problemOf(folder.path, announcing(2 ** 31))).toBe('dataset/compression-bomb')
    // More comes out than was announced.
    expect(await problemOf(folder.path, announcing(1000))).toBe('dataset/damaged-file')
  })

  it('cannot fill the disk with entries that share one body', async () => {
    await using folder = await temporaryFolder()
    const scratch = join(folder.path, 'scratch')
    const path = join(folder.path, 'dataset.zip')
    // None is large by itself; together they are 300 MiB out of 30 kB.
    const entries = [{ name: 'res101.mat', data: Buffer.alloc(2 ** 20) }]
    await writeFile(path, writeZip(entries, 300))
    const context: TaskContext = { signal: new AbortController().signal, report: () => undefined }
    const unpack = (into: string) => extractZip({ path, name: 'dataset.zip' }, into, () => true, context)
    await expect(unpack(scratch)).rejects.toMatchObject({ code: 'dataset/compression-bomb' })
    expect((await readdir(scratch)).length).toBeLessThanOrEqual(64)
    // A few honest repetitions are no bomb.
    await writeFile(path, writeZip(entries, 3))
    expect(await unpack(`${scratch}-2`)).toHaveLength(3)
  })

  it('whose large entry does not begin where it should leaves no file behind', async () => {
    await using folder = await temporaryFolder()
    const scratch = join(folder.path, 'scratch')
    const path = join(folder.path, 'dataset.zip')
    const bytes = writeZip([{ name: 'res101.mat', data: randomBytes(2 ** 20), announcedBytes: 2 ** 26 }])
    bytes[0] ^= 1
    await writeFile(path, bytes)
    const context: TaskContext = { signal: new AbortController().signal, report: () => undefined }
    const unpacked = extractZip({ path, name: 'dataset.zip' }, scratch, () => true, context)
    await expect(unpacked).rejects.toMatchObject({ code: 'dataset/damaged-file' })
    // Long enough for one that is only now being made.
    await sleep(100)
    expect(await readdir(scratch)).toEqual([])
  })

  it('with any bytes changed is read or refused', async () => {
    await using folder = await temporaryFolder()
    const original = writeZip(await xlsa17Entries(folder.path, ''))
    await fc.assert(
      fc.asyncProperty(fc.nat(original.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bytes = Buffer.from(original)
        bytes[at] ^= change
        await writeFile(join(folder.path, 'dataset.zip'), bytes)
        await inspect([join(folder.path, 'dataset.zip')], folder.path).catch((thrown: unknown) => {
          expect(thrown).toBeInstanceOf(AppError)
        })
      }),
      { numRuns: 200, interruptAfterTimeLimit: 2000 },
    )
  }, 15_000)
})
