import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend, BackendEvent, DatasetManifest, Grant, Snapshot } from '../../src-main/contract/index.ts'
import type { RemoteBackend } from '../../src-main/contract/rpc.ts'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import { thisMachine } from '../../src-main/core/devices/index.ts'
import type { Grants } from '../../src-main/core/grants.ts'
import { nodeSpawnJob } from '../../src-main/hosts/node/spawn-job.ts'
import { transports, until, type Transport } from './transports.ts'

const jobEntry = new URL('../../src-main/hosts/node/job-process.ts', import.meta.url)
const cub = join(import.meta.dirname, '../../../shared/data/CUB-resnet1000')

const open = (workspace: string): Promise<RunningBackend> =>
  createBackend({ workspace, host: 'cli', spawnJob: nodeSpawnJob(jobEntry), version: '1.2.3', log: () => undefined })

describe.each(Object.keys(transports))('the application reached through %s', (name) => {
  let folder: string
  let running: RunningBackend
  let transport: Transport
  let remote: RemoteBackend
  const states: Snapshot[] = []
  const events: BackendEvent[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unseen-backend-'))
    running = await open(join(folder, 'workspace'))
    transport = await transports[name](running.backend)
    remote = (await transport.open()).remote
    remote.subscribe({ snapshot: ({ snapshot }) => states.push(snapshot), event: ({ event }) => events.push(event) })
    await until(() => states.length > 0)
  })
  afterAll(async () => {
    remote.close()
    await transport.close()
    await running.close()
    await rm(folder, { recursive: true })
  })

  it('starts empty, and says what it is', () => {
    const { backbones, ...state } = states[0]
    expect(state).toEqual({
      about: { version: '1.2.3', workspace: 'workspace', host: 'cli', machine: thisMachine() },
      ...{ datasets: [], runs: [], jobs: [], devices: [], classifications: [], classBooks: [] },
    })
    expect(backbones[0]).toMatchObject({ id: 'basic', installed: true })
  })

  it('imports what a grant names, tells of it, and gives its numbers as typed arrays', async () => {
    const report = await remote.inspectDataset({ grants: [(await birds(running, folder)).id] })
    expect(report).toMatchObject({ importable: true, counts: { images: 24, classes: 4, seen: 2, unseen: 2 } })
    const dataset = await remote.importDataset({ report: report.id, name: 'Birds' })
    expect(dataset).toMatchObject({ id: 'birds', name: 'Birds' })
    expect(events).toContainEqual({ type: 'dataset', dataset })

    const attributes = await remote.getAttributes({ dataset: dataset.id })
    expect(attributes).toEqual({ rows: 4, columns: 2, values: Float32Array.of(0, 1, 0.5, 0, 1, 1, 1, 0) })
    expect((await remote.getDataset({ dataset: dataset.id })).classes.map((entry) => entry.role)).toEqual([
      ...['seen', 'seen', 'unseen', 'unseen'],
    ])
    const kinds = events.flatMap((event) => (event.type === 'job' && event.job.state === 'done' ? event.job.kind : []))
    expect(kinds).toEqual(['inspect', 'import'])
  })

  it('takes a dataset away and brings it back', async () => {
    await remote.removeDataset({ dataset: 'birds' })
    await expect(remote.getDataset({ dataset: 'birds' })).rejects.toMatchObject({ name: 'AppError' })
    expect(events.at(-1)).toEqual({ type: 'dataset-removed', dataset: 'birds' })
    expect(await remote.restoreDataset({ dataset: 'birds' })).toMatchObject({ id: 'birds' })
    const again = (await transport.open()).remote
    const datasets = await new Promise<DatasetManifest[]>((resolve) =>
      again.subscribe({ snapshot: ({ snapshot }) => resolve(snapshot.datasets), event: () => undefined }),
    )
    expect(datasets).toMatchObject([{ id: 'birds' }])
    again.close()
  })

  it('reads nothing that was not granted, whatever the page says', async () => {
    for (const grant of [folder, '/etc', '../..', 'x']) {
      await expect(remote.inspectDataset({ grants: [grant] })).rejects.toMatchObject({ code: 'grant/unknown' })
    }
    await expect(remote.getDataset({ dataset: '../birds' })).rejects.toMatchObject({
      code: 'contract/invalid-arguments',
    })
  })

  it('tells no path to whoever is at the other end', () => {
    expect(JSON.stringify([states, events])).not.toContain(folder)
  })

  it('checks what it is given in process too', async () => {
    await expect(running.backend.getDataset({ dataset: '../birds' })).rejects.toMatchObject({
      code: 'contract/invalid-arguments',
    })
  })

  it.skipIf(!existsSync(cub))('imports CUB (skipped where ../shared is not there)', async () => {
    const { id } = await running.grants.add(cub)
    const report = await remote.inspectDataset({ grants: [id] })
    const dataset = await remote.importDataset({ report: report.id })
    expect(dataset.counts).toMatchObject({ images: 11788, classes: 200, seen: 150, unseen: 50, attributes: 312 })
    expect((await remote.getAttributes({ dataset: dataset.id })).values).toHaveLength(200 * 312)
  })
})

describe('a workspace', () => {
  it('belongs to one application at a time, and keeps what it has', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unseen-backend-'))
    const first = await open(folder)
    await expect(open(folder)).rejects.toMatchObject({ code: 'workspace/in-use' })
    await first.close()
    await (await open(folder)).close()
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['datasets', 'runs', 'workspace.json']))
    await rm(folder, { recursive: true })
  })

  it('keeps a training that runs when the application is closed, and goes on with it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unseen-backend-'))
    const workspace = join(folder, 'workspace')
    const first = await open(workspace)
    const rows = Array.from(
      { length: 12 },
      (_, index) => `c${index},${Math.cos(index)},${Math.sin(index)},${index % 3}`,
    )
    const { id } = await small(first.grants, folder, `class,a,b,c\n${rows.join('\n')}\n`, 12)
    const report = await first.backend.inspectDataset({ grants: [id] })
    const { id: dataset } = await first.backend.importDataset({ report: report.id, name: 'Small' })

    const learning = (backend: Backend): Promise<unknown> =>
      new Promise((resolve) =>
        backend.subscribe({
          snapshot: () => undefined,
          event: ({ event }) => event.type === 'metrics' && resolve(event),
        }),
      )
    const begun = learning(first.backend)
    const set = { hidden: 8, attentionWidth: 8, episodes: 1_000_000 }
    const run = await first.backend.startTraining({ dataset, device: 'cpu', set })
    await begun
    await first.close()

    const second = await open(workspace)
    expect(await second.backend.getRun({ run: run.id })).toMatchObject({ state: 'stopped', error: null })
    const resumed = learning(second.backend)
    expect(await second.backend.resumeTraining({ run: run.id })).toMatchObject({ state: 'running' })
    await resumed
    expect(await second.backend.stopTraining({ run: run.id })).toMatchObject({ state: 'stopped' })
    await second.close()
    await rm(folder, { recursive: true })
  })
})

/** A dataset of four classes with six images each; the last two are unseen. */
async function birds({ grants }: RunningBackend, folder: string): Promise<Grant> {
  return small(grants, folder, 'class,red,round\ngull,0,1\nowl,0.5,0\nwren,1,1\ntern,1,0\n', 4)
}

/** Six images of each class; the last two classes are unseen. */
async function small(grants: Grants, folder: string, attributes: string, classes: number): Promise<Grant> {
  const place = await mkdtemp(join(folder, 'small-'))
  const images = Array.from({ length: classes * 6 }, (_, index) => index)
  const where = (holds: (label: number, turn: number) => boolean): number[] =>
    images.filter((image) => holds(image % classes, Math.floor(image / classes)))
  const features = Float32Array.from({ length: images.length * 3 }, (_, index) => Math.sin(index) ** 2)
  await writeFile(join(place, 'features.npy'), npy('<f4', [images.length, 3], features))
  const labels = Int32Array.from(images, (image) => image % classes)
  await writeFile(join(place, 'labels.npy'), npy('<i4', [images.length], labels))
  await writeFile(join(place, 'attributes.csv'), attributes)
  const splits = {
    trainval: where((label, turn) => label < classes - 2 && turn < 4),
    testSeen: where((label, turn) => label < classes - 2 && turn >= 4),
    testUnseen: where((label) => label >= classes - 2),
  }
  await writeFile(join(place, 'splits.json'), JSON.stringify(splits))
  return grants.add(place)
}

function npy(type: string, shape: number[], data: Float32Array | Int32Array): Buffer {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`
  const padded = `${header.padEnd(118 - 1)}\n`
  return Buffer.concat([
    Buffer.from(`\x93NUMPY\x01\x00${String.fromCharCode(padded.length)}\x00`, 'latin1'),
    Buffer.from(padded),
    Buffer.from(data.buffer),
  ])
}
