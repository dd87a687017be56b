import { appendFile, cp, mkdir, readdir, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { datasetDetailSchema, preflightReportSchema, type BackendEvent } from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { createGrants } from '../grants.ts'
import type { Jobs } from '../jobs/jobs.ts'
import { openWorkspace } from '../workspace/index.ts'
import { datasetCommands } from './commands.ts'
import { createDatasetStore } from './index.ts'
import { importTask, inspectTask } from './tasks.ts'
import { importInto, small, temporaryFolder, writeXlsa17 } from './testing/folders.ts'

/** Jobs that run here: the commands do not care where. Their inputs and outputs are cloned as on the way to a process. */
const here = {
  run(name: 'inspect' | 'import', input: never) {
    const task = { inspect: inspectTask, import: importTask }[name] as typeof inspectTask
    const done = task.run(structuredClone(input), { signal: new AbortController().signal, report: () => undefined })
    return { id: 'job', done: done.then((output) => structuredClone(output)), cancel: () => undefined }
  },
} as unknown as Jobs

async function commandsIn(folder: string) {
  const workspace = await openWorkspace(join(folder, 'workspace'))
  const events: BackendEvent[] = []
  const lines: string[] = []
  const grants = createGrants()
  const context: BackendContext = {
    workspace,
    jobs: here,
    grants,
    emit: (event) => events.push(event),
    clock: () => new Date('2026-01-02T03:04:05Z'),
    log: (line) => lines.push(line),
  }
  return { commands: await datasetCommands(context), events, lines, grants, workspace }
}

describe('the dataset commands', () => {
  it('inspect what was granted, import it, and keep it', async () => {
    await using folder = await temporaryFolder()
    const { commands, events, grants, workspace } = await commandsIn(folder.path)
    const { id } = await grants.add(await writeXlsa17(join(folder.path, 'Birds')))
    const report = await commands.inspectDataset({ grants: [id] })
    expect(report).toMatchObject({ name: 'Birds', importable: true })
    expect(preflightReportSchema.parse(report)).toEqual(report)
    expect(await readdir(workspace.datasets)).toEqual([])

    const manifest = await commands.importDataset({ report: report.id })
    expect(manifest).toMatchObject({ id: 'birds', name: 'Birds', importedAt: '2026-01-02T03:04:05.000Z' })
    expect(events).toEqual([{ type: 'dataset', dataset: manifest }])
    expect(commands.list()).toEqual([manifest])
    expect((await readdir(join(workspace.datasets, 'birds'))).sort()).toEqual([
      'attributes.csv',
      'features.npy',
      'images.csv',
      'labels.npy',
      'manifest.json',
      'splits.json',
    ])
    const detail = await commands.getDataset({ dataset: 'birds' })
    expect(datasetDetailSchema.parse(detail)).toEqual(detail)
    expect(detail).toMatchObject({
      classes: small.classNames.map((name, index) => ({ index, name, images: 3 })),
      attributeNames: ['attribute 1', 'attribute 2'],
    })
    const attributes = await commands.getAttributes({ dataset: 'birds' })
    expect(attributes).toEqual({ rows: 4, columns: 2, values: Float32Array.from(small.attributes) })
  })

  it('give back the dataset that is there already when the same is imported again', async () => {
    await using folder = await temporaryFolder()
    const { commands, events, grants, workspace } = await commandsIn(folder.path)
    const { id } = await grants.add(await writeXlsa17(join(folder.path, 'Birds')))
    const importOnce = async (name: string) =>
      commands.importDataset({ report: (await commands.inspectDataset({ grants: [id] })).id, name })
    const first = await importOnce('Birds')
    expect(await importOnce('The same birds')).toEqual(first)
    expect(commands.list()).toEqual([first])
    expect(await readdir(workspace.datasets)).toEqual([first.id])
    expect(await readdir(join(folder.path, 'workspace', 'trash', 'datasets')).catch(() => [])).toEqual([])
    expect(events).toEqual([{ type: 'dataset', dataset: first }])
    // Another content is another dataset.
    await writeXlsa17(join(folder.path, 'Birds'), {
      splits: { original_att: { dimensions: [2, 4], values: [1, 2, 3, 4, 5, 6, 7, 8] } },
    })
    expect((await importOnce('Birds')).id).not.toBe(first.id)
    expect(await readdir(workspace.datasets)).toHaveLength(2)
  })

  it('refuse to import what a report found wrong, and a report nobody gave', async () => {
    await using folder = await temporaryFolder()
    const { commands, grants } = await commandsIn(folder.path)
    const { id } = await grants.add(await writeXlsa17(join(folder.path, 'Birds'), { splits: null }))
    const report = await commands.inspectDataset({ grants: [id] })
    expect(report.importable).toBe(false)
    await expect(commands.importDataset({ report: report.id })).rejects.toMatchObject({
      code: 'dataset/missing-att-splits',
    })
    await expect(commands.importDataset({ report: 'made up' })).rejects.toMatchObject({
      code: 'dataset/unknown-report',
    })
    await expect(commands.inspectDataset({ grants: ['made up'] })).rejects.toMatchObject({ code: 'grant/unknown' })
  })

  it('rename, remove and bring back', async () => {
    await using folder = await temporaryFolder()
    const { commands, events, workspace } = await commandsIn(folder.path)
    await importInto(workspace.directory, [await writeXlsa17(join(folder.path, 'Birds'))])
    await commands.renameDataset({ dataset: 'small', name: '작은 새' })
    expect(commands.list()).toMatchObject([{ id: 'small', name: '작은 새' }])
    await commands.removeDataset({ dataset: 'small' })
    expect(commands.list()).toEqual([])
    await expect(commands.getDataset({ dataset: 'small' })).rejects.toMatchObject({ code: 'dataset/unknown' })
    // What lies in the trash keeps its id.
    expect((await importInto(workspace.directory, [join(folder.path, 'Birds')])).id).toBe('small-2')
    expect(await commands.restoreDataset({ dataset: 'small' })).toMatchObject({ id: 'small', name: '작은 새' })
    expect(
      commands
        .list()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['small', 'small-2'])
    expect(events.map(({ type }) => type)).toEqual(['dataset', 'dataset-removed', 'dataset'])
    await expect(commands.restoreDataset({ dataset: 'small' })).rejects.toMatchObject({ code: 'dataset/not-in-trash' })
  })

  it('clear what a crash left, and show no dataset that cannot be read', async () => {
    await using folder = await temporaryFolder()
    const first = await commandsIn(folder.path)
    await importInto(first.workspace.directory, [await writeXlsa17(join(folder.path, 'Birds'))])
    await mkdir(join(first.workspace.datasets, '.importing-crashed', 'dataset'), { recursive: true })
    await mkdir(join(first.workspace.datasets, 'half'))
    await writeFile(join(first.workspace.datasets, 'half', 'manifest.json'), '{')
    await first.workspace.close()
    const { commands, lines, workspace } = await commandsIn(folder.path)
    expect(commands.list().map(({ id }) => id)).toEqual(['small'])
    expect(lines).toEqual([expect.stringContaining('half')])
    expect((await readdir(workspace.datasets)).sort()).toEqual(['half', 'small'])
  })
})

describe('the dataset store', () => {
  it.each([
    ['Caltech Animals (36)', 'caltech-animals-36'],
    ['Été', 'ete'],
    ['CON', 'dataset-con'],
    ['새 사진', expect.stringMatching(/^dataset-[0-9a-f]{6}$/) as string],
    ['../../etc', 'etc'],
    ['x'.repeat(120), 'x'.repeat(48)],
  ])('names the folder of “%s” %s', async (name, id) => {
    await using folder = await temporaryFolder()
    const source = await writeXlsa17(join(folder.path, 'source'))
    expect((await importInto(folder.path, [source], { name })).id).toEqual(id)
  })

  it('takes a copied folder for a dataset of its own', async () => {
    await using folder = await temporaryFolder()
    await importInto(folder.path, [await writeXlsa17(join(folder.path, 'source'))])
    const store = createDatasetStore(folder.path)
    await cp(join(store.directory, 'small'), join(store.directory, 'copy'), { recursive: true })
    expect(
      store
        .list()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['copy', 'small'])
    expect((await store.load('copy')).manifest.id).toBe('copy')
  })

  it('says so when its files were damaged', async () => {
    const harm: [string, (path: string) => Promise<void>][] = [
      ['features.npy', (path) => truncate(path, 100)],
      ['labels.npy', (path) => appendFile(path, 'x')],
      ['labels.npy', (path) => rename(path, `${path}.away`)],
      ['splits.json', (path) => writeFile(path, '{"trainval": [99], "testSeen": [], "testUnseen": []}')],
      ['attributes.csv', (path) => writeFile(path, 'class,x\na,1\n')],
    ]
    for (const [name, damage] of harm) {
      await using folder = await temporaryFolder()
      await importInto(folder.path, [await writeXlsa17(join(folder.path, 'source'))])
      const store = createDatasetStore(folder.path)
      await damage(join(store.directory, 'small', name))
      await expect(store.load('small')).rejects.toMatchObject({ code: 'dataset/damaged' })
    }
  })
})
