import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DeviceName, DeviceReport, Job, RunSummary } from '../../src-main/contract/index.ts'
import type { FromJob, ToJob } from '../../src-main/core/jobs/messages.ts'
import { serveJob } from '../../src-main/core/jobs/serve-job.ts'
import type { SpawnJob } from '../../src-main/core/jobs/spawn.ts'
import { tasks } from '../../src-main/core/jobs/tasks.ts'
import { snapshotOf } from '../../src-main/hosts/cli/session.ts'
import { importColours, photoOf, quickKnobs } from './colours.ts'
import { openBackend, spawnJob, type OpenedBackend } from './opened-backend.ts'

const cards = ['cuda', 'directml', 'coreml'] as const
const ways = ['hang', 'die'] as const
const words = { cuda: 'CUDA', directml: 'DirectML', coreml: 'Core ML' } as const

/** The card that the machine has, whatever this one has. */
const machine = vi.hoisted<{ card: 'cuda' | 'directml' | 'coreml' }>(() => ({ card: 'cuda' }))
vi.mock('../../src-main/core/devices/providers.ts', () => ({
  providerDevices: () => ({ present: [machine.card], absent: [] }),
}))

/** What the card's driver does to the process that does this task on it. */
let driver: { readonly task: string; readonly how: (typeof ways)[number] } | null
/** Whether trainings are real ones. */
let forked: boolean
/** Work that was begun, and on what. */
let begun: string[]
let opened: OpenedBackend
let photos: { readonly dataset: string; readonly backbone: string }
/** The run that classifies. */
let classifier: string
const jobs = new Map<string, Job>()

/** What a measurement comes to where the driver lets it. */
const good = (name: DeviceName): DeviceReport => ({
  // Nobody may look for the one that this machine may have.
  ...{ name, label: name, available: name !== 'webgpu', note: null, next: null, chosen: null },
  ...{ leftOut: false, removable: false, gflops: 100, msPerStep: name === machine.card ? 1 : 10, goldenError: 1e-6 },
})

interface Work {
  readonly device: DeviceName
  readonly run?: Pick<RunSummary, 'method'>
  readonly backbone?: { readonly providers: readonly DeviceName[] }
}

/** A process in this one, which the card can hang or kill; measurements and most trainings are only played. */
const spawn: SpawnJob = () => {
  const exits: ((code: number | null, signal: string | null) => void)[] = []
  const exit = (code: number | null, signal: string | null) =>
    exits.splice(0).forEach((listener) => listener(code, signal))
  let tell: (message: unknown) => void = () => undefined
  let send: (message: ToJob) => void = () => undefined
  let kill = () => queueMicrotask(() => exit(null, 'SIGKILL'))
  serveJob({ send: (message) => tell(message), onMessage: (listener) => void (send = listener) }, tasks)
  const fork = (): void => {
    const child = spawnJob()
    child.onMessage(tell)
    child.onExit(exit)
    send = (message) => child.send(message)
    kill = () => child.kill()
  }
  const run = (task: string, { device, backbone, run }: Work): FromJob['type'] | 'nothing' | 'itself' => {
    const place = backbone?.providers[0] ?? device
    begun.push(`${task} on ${place}`)
    if (place === machine.card && task === driver?.task) {
      if (driver.how === 'die') queueMicrotask(() => exit(null, 'SIGSEGV'))
      return 'nothing'
    }
    const training = task === 'train' && run?.method === 'ipn'
    if (training && forked) fork()
    return task === 'probe' || (training && !forked) ? 'done' : 'itself'
  }
  return {
    send: (raw) => {
      const message = raw as ToJob
      const how = message.type === 'run' ? run(message.task, message.input as Work) : 'itself'
      if (how === 'itself') queueMicrotask(() => send(message))
      if (how !== 'done') return
      const { task, input } = message as { task: string; input: Work }
      const output = task === 'probe' ? good(input.device) : { state: 'stopped' }
      queueMicrotask(() => tell({ type: 'done', output }))
    },
    onMessage: (listener) => void (tell = listener),
    onExit: (listener) => void exits.push(listener),
    kill: () => kill(),
  }
}

const device = async (): Promise<DeviceReport> =>
  (await snapshotOf(opened.backend)).devices.find(({ name }) => name === machine.card)!
/** Whoever waits for the card gives it up: five minutes of silence, and what a process is given to stop by itself. */
const silence = (): Promise<unknown> => vi.advanceTimersByTimeAsync(310_000)

beforeAll(async () => {
  ;[driver, forked, begun] = [{ task: 'probe', how: 'die' }, false, []]
  opened = await openBackend(spawn)
  photos = await importColours(opened)
  await opened.backend.extractFeatures(photos)
  classifier = (await opened.backend.startTraining({ dataset: photos.dataset, method: 'eszsl', set: quickKnobs })).id
  expect(await opened.ended(classifier)).toMatchObject({ state: 'finished' })
})
afterAll(() => opened.close())
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

/** The machine has this card, which was measured and found good. */
async function withCard(card: (typeof cards)[number]): Promise<void> {
  machine.card = card
  ;[driver, forked] = [null, false]
  await opened.reopen()
  jobs.clear()
  opened.backend.subscribe({
    snapshot: () => undefined,
    event: ({ event }) => event.type === 'job' && jobs.set(event.job.id, event.job),
  })
  await opened.backend.probeDevices({})
  begun = []
}

describe.each(cards)('%s', (card) => {
  const sentences = { hang: /For 300 seconds nothing was heard of the graphics card/, die: /ended by itself/ }

  /** It is remembered over a start, with a sentence and what to do; measured again, it is taken again. */
  const leftOutUntilMeasured = async (note: RegExp): Promise<void> => {
    driver = null
    await opened.reopen()
    const report = await device()
    expect(report).toMatchObject({ available: false, leftOut: true, chosen: null })
    expect(report.note).toMatch(note)
    expect(report.note).toContain('It is left out until it is measured again.')
    expect(report.next).toMatch(/measure again/)
    begun = []
    const { id } = await opened.backend.startTraining({ dataset: photos.dataset, device: 'auto', set: quickKnobs })
    await opened.ended(id)
    expect(begun).toEqual(['train on cpu'])
    await opened.backend.probeDevices({})
    expect(await device()).toMatchObject({ available: true, leftOut: false })
    expect((await device()).chosen).toContain('10.0 times as fast as the processor')
  }

  it.each(ways)('that makes its measurement %s is left out', async (how) => {
    await withCard(card)
    driver = { task: 'probe', how }
    const measured = opened.backend.probeDevices({})
    await vi.waitUntil(() => begun.includes(`probe on ${card}`))
    if (how === 'hang') await silence()
    await measured
    await leftOutUntilMeasured(
      how === 'hang' ? /had not answered for (60|300) seconds/ : /its process ended \(SIGSEGV\)/,
    )
  })

  it.each(ways)('that makes a training %s is left out, and the processor goes on with it', async (how) => {
    await withCard(card)
    driver = { task: 'train', how }
    const run = await opened.backend.startTraining({ dataset: photos.dataset, device: 'auto', set: quickKnobs })
    await vi.waitUntil(() => begun.length > 0)
    if (how === 'hang') await silence()
    const { notes } = await opened.ended(run.id)
    expect(begun).toEqual([`train on ${card}`, 'train on cpu'])
    expect(notes).toEqual([`The device “${card}” failed during training; it went on with “cpu”.`])
    await leftOutUntilMeasured(sentences[how])
  })

  it.each(ways)('that makes the extraction of features %s is left out, and the processor goes on', async (how) => {
    await withCard(card)
    driver = { task: 'extract', how }
    const made = opened.backend.extractFeatures(photos)
    await vi.waitUntil(() => begun.length > 0)
    if (how === 'hang') await silence()
    expect(await made).toMatchObject({ counts: { features: 3 } })
    expect(begun).toEqual([`extract on ${card}`, 'extract on cpu'])
    const told = [...jobs.values()].findLast(({ kind, state }) => kind === 'extract' && state === 'done')!.message
    expect(told).toContain(`The graphics card (${words[card]}) could not run the network, so the processor did: `)
    await leftOutUntilMeasured(sentences[how])
  })
})

it.each(ways)(
  'a card that makes a look at photos %s: the processor goes on, and says so with the photos',
  async (how) => {
    await withCard('cuda')
    const folder = join(opened.folder, how)
    await mkdir(folder)
    for (const colour of ['red', 'cyan']) await writeFile(join(folder, `${colour}.png`), await photoOf(colour))
    driver = { task: 'classify', how }
    const looked = opened.classified(classifier, [folder])
    await vi.waitUntil(() => begun.length > 0)
    if (how === 'hang') await silence()
    const { classification, predictions } = await looked
    expect(begun).toEqual(['classify on cuda', 'classify on cpu'])
    expect(classification).toMatchObject({ state: 'done', photos: 2, done: 2, device: 'cpu' })
    expect(predictions.map(({ photo, error }) => [photo, error])).toEqual([
      [0, null],
      [1, null],
    ])
    expect(classification.findings.map(({ message }) => message).join()).toContain('so the processor did: ')
    expect(await device()).toMatchObject({ available: false, leftOut: true })
  },
)

// One that dies in the middle of its work is in lane-crash.spec.ts.
it('a driver that hangs a real process in the middle of a step costs nothing but that step', async () => {
  await withCard('cuda')
  const stuck = join(opened.folder, 'stuck')
  vi.stubEnv('NODE_OPTIONS', `--import ${new URL('stuck-driver.fixture.ts', import.meta.url).href}`)
  vi.stubEnv('UNSEEN_TEST_STUCK', stuck)
  forked = true
  const set = { ...quickKnobs, episodes: 30, holdOuts: 1 }
  const { id } = await opened.backend.startTraining({ dataset: photos.dataset, device: 'auto', set })
  await vi.waitUntil(() => existsSync(stuck), { timeout: 30_000 })
  await silence()
  const run = await opened.ended(id)
  expect(begun).toEqual(['train on cuda', 'train on cpu'])
  expect(run).toMatchObject({ state: 'finished', result: { device: 'cpu', episodes: 30 } })
  expect(run.notes).toContain('The device “cuda” failed during training; it went on with “cpu”.')
  expect(await device()).toMatchObject({ available: false, leftOut: true })
})
