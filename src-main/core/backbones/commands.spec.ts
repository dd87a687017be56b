import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import {
  backboneDraftSchema,
  backboneSchema,
  type BackboneDraft,
  type BackendEvent,
  type DatasetManifest,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import { datasetCommands } from '../datasets/commands.ts'
import { temporaryFolder } from '../datasets/testing/folders.ts'
import { createDatasetStore } from '../datasets/index.ts'
import { createGrants } from '../grants.ts'
import type { Jobs } from '../jobs/jobs.ts'
import type { Progress } from '../jobs/task.ts'
import { tasks } from '../jobs/tasks.ts'
import { openWorkspace } from '../workspace/index.ts'
import { backboneCommands } from './commands.ts'
import { averages, field, onnxBytes, writeModel, type ModelToWrite } from './testing/models.ts'

/** Jobs that run here: the commands do not care where. Their inputs and outputs are cloned as on the way to a process. */
function jobsHere(said: Progress[]): Jobs {
  return {
    run(name: keyof typeof tasks, input: never) {
      const run = async () => {
        const task = (await tasks[name]()) as { run(input: unknown, context: object): Promise<unknown> }
        const context = {
          signal: new AbortController().signal,
          report: (progress: Progress) => void said.push(progress),
        }
        return structuredClone(await task.run(structuredClone(input), context))
      }
      return { id: 'job', done: run(), cancel: () => undefined }
    },
  } as unknown as Jobs
}

async function backboneIn(folder: string) {
  const workspace = await openWorkspace(join(folder, 'workspace'))
  const events: BackendEvent[] = []
  const said: Progress[] = []
  const grants = createGrants()
  const context: BackendContext = {
    ...{ workspace, jobs: jobsHere(said), grants, emit: (event: BackendEvent) => events.push(event) },
    ...{ clock: () => new Date('2026-01-02T03:04:05Z'), log: () => undefined },
  }
  const datasets = await datasetCommands(context)
  const devices: Parameters<typeof backboneCommands>[2] = {
    measured: () => Promise.resolve([]),
    watch: (_, job) => job.done,
  }
  const commands = await backboneCommands(context, datasets, devices)
  const inspect = async (model: ModelToWrite | Uint8Array, name = 'my network.onnx'): Promise<BackboneDraft> => {
    const path = await writeModel(join(folder, name), model)
    return commands.inspectBackbone({ grant: (await grants.add(path)).id })
  }
  const accept = ({ id: draft, name, recipe, licence, source }: BackboneDraft) =>
    commands.importBackbone({ draft, name, recipe, licence, source })
  return { workspace, events, said, grants, datasets, commands, inspect, accept }
}

describe('the backbone commands', () => {
  it('look at a dropped network, try it and keep it', async () => {
    await using folder = await temporaryFolder()
    const { workspace, commands, events, inspect, accept } = await backboneIn(folder.path)
    const draft = await inspect({ ...averages, metadata: { license: 'MIT' } })
    expect(backboneDraftSchema.parse(draft)).toEqual(draft)
    expect(draft).toMatchObject({ name: 'my network', licence: 'MIT', recipe: { output: 'features', dimension: 3 } })
    expect(await readdir(workspace.backbones)).toEqual([])

    const wrong = { ...draft, recipe: { ...draft.recipe, dimension: 99 } }
    const kept = await accept(wrong)
    expect(backboneSchema.parse(kept)).toEqual(kept)
    expect(kept).toMatchObject({ id: 'my-network', origin: 'own', installed: true, dimension: 3, download: null })
    expect(events.at(-1)).toEqual({ type: 'backbones', backbones: commands.list() })
    expect(await readdir(workspace.backbones)).toEqual(['my-network'])
    expect((await readdir(join(workspace.backbones, 'my-network'))).sort()).toEqual(['manifest.json', 'model.onnx'])
    expect(await commands.setup('my-network')).toMatchObject({
      manifest: { recipe: { dimension: 3 } },
      cache: workspace.cache,
    })

    // The same once more is the same; with another recipe it is another.
    expect(await accept(draft)).toEqual(kept)
    const other = await accept({ ...draft, recipe: { ...draft.recipe, channels: 'BGR' } })
    expect(other.id).toBe('my-network-2')
  })

  it('list what comes with the application and what can be had', async () => {
    await using folder = await temporaryFolder()
    const { commands } = await backboneIn(folder.path)
    const [basic, ...others] = commands.list()
    expect(basic).toMatchObject({ id: 'basic', origin: 'basic', installed: true, download: null })
    expect(others.length).toBeGreaterThan(0)
    for (const other of others) expect(other).toMatchObject({ origin: 'catalogue', installed: false })
  })

  it('keep nothing of a network that cannot be used', async () => {
    await using folder = await temporaryFolder()
    const { workspace, inspect, accept, commands } = await backboneIn(folder.path)
    const draft = await inspect(averages)
    const wrong = { ...draft, recipe: { ...draft.recipe, pooling: 'cls' as const } }
    await expect(accept(wrong)).rejects.toMatchObject({ code: 'backbone/wrong-output' })
    const absent = { ...draft, recipe: { ...draft.recipe, output: 'nothing' } }
    await expect(accept(absent)).rejects.toMatchObject({ code: 'backbone/no-output' })
    // Another file in the place of the one that was looked at.
    await writeModel(join(folder.path, 'my network.onnx'), { ...averages, producer: 'another' })
    await expect(accept(draft)).rejects.toMatchObject({ code: 'backbone/changed' })
    await expect(accept({ ...draft, id: 'old' })).rejects.toMatchObject({ code: 'backbone/unknown-draft' })
    expect(await readdir(workspace.backbones)).toEqual([])
    await expect(commands.setup('my-network')).rejects.toMatchObject({ code: 'backbone/unknown' })
  })

  it('refuse a file that is no network, and one whose weights lie elsewhere', async () => {
    await using folder = await temporaryFolder()
    const { inspect, commands, grants } = await backboneIn(folder.path)
    const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(100)])
    await expect(inspect(zip)).rejects.toMatchObject({ code: 'backbone/not-onnx' })
    await expect(inspect(onnxBytes(averages).subarray(0, 60))).rejects.toMatchObject({ code: 'backbone/truncated' })
    const elsewhere = field(
      5,
      Buffer.concat([field(8, 'w'), field(13, Buffer.concat([field(1, 'location'), field(2, '../w')]))]),
    )
    await expect(inspect({ ...averages, more: elsewhere })).rejects.toMatchObject({ code: 'backbone/external-data' })
    const { id: grant } = await grants.add(folder.path)
    await expect(commands.inspectBackbone({ grant })).rejects.toMatchObject({ code: 'backbone/not-onnx' })
  })

  it('move a network to the trash and back', async () => {
    await using folder = await temporaryFolder()
    const { workspace, inspect, accept, commands } = await backboneIn(folder.path)
    const draft = await inspect(averages)
    const kept = await accept(draft)
    await commands.removeBackbone({ backbone: kept.id })
    expect(commands.list().map(({ id }) => id)).not.toContain(kept.id)
    expect(await readdir(workspace.backbones)).toEqual([])
    // Its name stays taken: features that were made with it name it.
    expect((await accept({ ...draft, recipe: { ...draft.recipe, fit: 'stretch' } })).id).toBe('my-network-2')
    expect(await commands.restoreBackbone({ backbone: kept.id })).toEqual(kept)
    await expect(commands.restoreBackbone({ backbone: kept.id })).rejects.toMatchObject({
      code: 'backbone/not-in-trash',
    })
    await expect(commands.removeBackbone({ backbone: 'nothing' })).rejects.toMatchObject({ code: 'backbone/unknown' })
    await expect(commands.removeBackbone({ backbone: 'basic' })).rejects.toMatchObject({ code: 'backbone/built-in' })
  })

  it('make the features of a dataset, and say how far they are and where', async () => {
    await using folder = await temporaryFolder()
    const { inspect, accept, commands, said, datasets, grants, workspace } = await backboneIn(folder.path)
    const dataset = await importedPhotos(join(folder.path, 'Birds'), datasets, grants)
    const { id: backbone } = await accept(await inspect(averages))
    said.length = 0
    const [made, again] = await Promise.all([
      commands.extractFeatures({ dataset: dataset.id, backbone }),
      commands.extractFeatures({ dataset: dataset.id, backbone }),
    ])
    expect(again).toBe(made)
    expect(made).toMatchObject({ backbone: { id: backbone, name: 'my network' }, counts: { features: 3 } })
    expect(said.at(-1)).toMatchObject({ progress: 1, message: '6 of 6 photos, on the processor' })
    const { features } = await createDatasetStore(workspace.directory).load(dataset.id)
    expect(features).toHaveLength(6 * 3)
    expect([...features!.subarray(0, 3)].every((value) => Math.abs(value) < 10)).toBe(true)
    expect((await stat(join(workspace.cache, 'features'))).isDirectory()).toBe(true)

    said.length = 0
    await commands.extractFeatures({ dataset: dataset.id, backbone })
    expect(said.at(-1)).toMatchObject({ message: '6 of 6 photos' })
    await expect(commands.extractFeatures({ dataset: dataset.id, backbone: 'nothing' })).rejects.toMatchObject({
      code: 'backbone/unknown',
    })
  })
})

async function importedPhotos(
  folder: string,
  datasets: Awaited<ReturnType<typeof datasetCommands>>,
  grants: ReturnType<typeof createGrants>,
): Promise<DatasetManifest> {
  for (const [at, name] of ['wren', 'owl', 'crane'].entries()) {
    await mkdir(join(folder, 'images', name), { recursive: true })
    for (let n = 0; n < 2; n++) {
      const background = { r: at * 50 + n, g: 120, b: 240 - n }
      const picture = sharp({ create: { width: 9, height: 7, channels: 3, background } })
      await writeFile(join(folder, 'images', name, `${n}.png`), await picture.png().toBuffer())
    }
  }
  await writeFile(join(folder, 'attributes.csv'), 'class,long legs,hoots\nwren,0,0\nowl,0,1\ncrane,1,0\n')
  await writeFile(join(folder, 'splits.json'), '{"unseen": ["crane"]}')
  const { id: grant } = await grants.add(folder)
  const report = await datasets.inspectDataset({ grants: [grant] })
  return datasets.importDataset({ report: report.id })
}
