import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BackendEvent, DeviceName, DeviceReport } from '../../src-main/contract/index.ts'
import { createBackend, type RunningBackend } from '../../src-main/core/create-backend.ts'
import { providerDevices } from '../../src-main/core/devices/providers.ts'
import type { FromJob, ToJob } from '../../src-main/core/jobs/messages.ts'
import type { SpawnJob } from '../../src-main/core/jobs/spawn.ts'

/** What a stand-in for a device's process does when it is asked to measure it. */
type Behaviour = 'hang' | 'die' | 'refuse' | Partial<DeviceReport>

let folder: string
let running: RunningBackend
let events: BackendEvent[]
let asked: DeviceName[]
/** What was asked of the process that installs TensorFlow. */
let installs: unknown[]
let behaviours: Partial<Record<DeviceName, Behaviour>>

const good = (name: DeviceName, msPerStep: number): DeviceReport => ({
  ...{ name, label: name, available: true, note: null, next: null, chosen: null },
  ...{ leftOut: false, removable: false, gflops: 100, msPerStep, goldenError: 1e-6 },
})

const installed = { version: '9.8.7', cuda: true, folder: '/engines/tensorflow', how: 'It was installed.' }

/** A process without a process: it measures nothing, and behaves as the test says. */
const spawnJob: SpawnJob = () => {
  const exits: ((code: number | null, signal: string | null) => void)[] = []
  const exit = (signal: string): void => exits.splice(0).forEach((listener) => listener(null, signal))
  let tell: (message: FromJob) => void = () => undefined
  return {
    send: (message) => {
      const { type, task, input } = message as ToJob & { task: string; input: { device: DeviceName } }
      if (type !== 'run') return
      if (task === 'install-tensorflow') {
        installs.push(input)
        queueMicrotask(() => tell({ type: 'done', output: installed }))
        return
      }
      asked.push(input.device)
      const behaviour = behaviours[input.device] ?? {}
      queueMicrotask(() => {
        if (behaviour === 'die') exit('SIGSEGV')
        else if (behaviour === 'refuse') {
          const error = { code: 'device/failed', message: 'Failed to get a WebGPU adapter' }
          tell({ type: 'failed', error })
        } else if (behaviour !== 'hang') {
          tell({ type: 'done', output: { ...good(input.device, 10), ...behaviour } })
        }
      })
    },
    onMessage: (listener) => void (tell = listener),
    onExit: (listener) => void exits.push(listener),
    kill: () => queueMicrotask(() => exit('SIGKILL')),
  }
}

async function open(): Promise<void> {
  const workspace = join(folder, 'workspace')
  running = await createBackend({ workspace, host: 'cli', spawnJob, version: '0', log: () => undefined })
  running.backend.subscribe({
    snapshot: ({ snapshot }) => events.push({ type: 'devices', devices: snapshot.devices }),
    event: ({ event }) => events.push(event),
  })
}
/** As the next start of the application on this machine. */
async function reopen(): Promise<void> {
  await running.close()
  asked = []
  events = []
  await open()
}
const told = (): DeviceReport[] => events.findLast((event) => event.type === 'devices')!.devices
const find = (reports: readonly DeviceReport[], name: DeviceName): DeviceReport =>
  reports.find((report) => report.name === name)!
const probe = () => running.backend.probeDevices({})

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-devices-'))
  events = []
  asked = []
  installs = []
  behaviours = {}
  vi.stubEnv('UNSEEN_ENGINES', join(folder, 'engines'))
  await open()
})
afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  await running.close()
  await rm(folder, { recursive: true })
})

describe('measuring the devices', () => {
  it('chooses the fastest, says why, and remembers it for the next start', async () => {
    behaviours = { cpu: { msPerStep: 7.5 }, webgpu: { msPerStep: 2.42 } }
    const reports = await probe()
    expect(find(reports, 'webgpu').chosen).toBe('Chosen by auto: 2.4 ms per step, 3.1 times as fast as the processor.')
    expect(find(reports, 'cpu').chosen).toBeNull()
    expect(told()).toEqual(reports)
    await reopen()
    expect(told()).toEqual(reports)
    expect(asked).toEqual([])
  })

  it('takes no device that gets the known problem wrong, however fast it is', async () => {
    behaviours = { webgpu: { available: false, msPerStep: 0.1, goldenError: 0.3, note: 'Wrong.' } }
    const reports = await probe()
    expect(find(reports, 'cpu').chosen).toBe('Chosen by auto: 10 ms per step, the only device that could be timed.')
    expect(find(reports, 'webgpu')).toMatchObject({ available: false, chosen: null })
  })

  it('says what to do where there is no graphics card, and about an engine that is not installed', async () => {
    behaviours = { webgpu: 'refuse' }
    const reports = await probe()
    expect(find(reports, 'webgpu')).toMatchObject({
      ...{ available: false, leftOut: false },
      note: 'No graphics card, or no driver for it, was found.',
      next: expect.stringContaining('then measure again') as string,
    })
    expect(find(reports, 'tensorflow')).toMatchObject({ available: false, note: 'Not installed.' })
    expect(find(reports, 'tensorflow').next).toContain('unseen device add tensorflow')
    for (const absent of providerDevices().absent) expect(find(reports, absent.name)).toEqual(absent)
  })

  it('cancelled, keeps what was known and suspects no device', async () => {
    const before = await probe()
    behaviours = { webgpu: 'hang' }
    const again = probe()
    await vi.waitUntil(() => asked.length === 4)
    const jobs = events.flatMap((event) =>
      event.type === 'job' && event.job.state === 'running' ? [event.job.id] : [],
    )
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    await running.backend.cancelJob({ job: jobs[jobs.length - 1] })
    await vi.advanceTimersByTimeAsync(5000)
    await expect(again).rejects.toMatchObject({ code: 'job/cancelled' })
    vi.useRealTimers()
    await reopen()
    expect(told()).toEqual(before)
  })
})

describe('a device that cannot be trusted', () => {
  const suspect = async (): Promise<DeviceReport> => {
    const reports = await probe()
    expect(find(reports, 'cpu').chosen).toContain('the only device that could be timed')
    return find(reports, 'webgpu')
  }

  it('that ends its process is left out, with a sentence, until somebody has it measured again', async () => {
    behaviours = { webgpu: 'die' }
    const report = await suspect()
    expect(report).toMatchObject({ available: false, leftOut: true })
    expect(report.note).toContain('its process ended (SIGSEGV)')
    expect(report.next).toContain('measure again')

    behaviours = { webgpu: { msPerStep: 1 } }
    await reopen()
    expect(find(told(), 'webgpu').leftOut).toBe(true)
    expect(find(await probe(), 'webgpu')).toMatchObject({ available: true, leftOut: false })
    expect(find(told(), 'webgpu').chosen).toContain('10.0 times as fast as the processor')
  })

  it('that hangs is given up after a minute, its process ended, and is left out', async () => {
    behaviours = { webgpu: 'hang' }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    const reports = probe()
    await vi.waitUntil(() => asked.includes('webgpu'))
    await vi.advanceTimersByTimeAsync(59_000)
    expect(told().map(({ name }) => name)).not.toContain('webgpu')
    await vi.advanceTimersByTimeAsync(1000 + 5000)
    const report = find(await reports, 'webgpu')
    expect(report).toMatchObject({ available: false, leftOut: true })
    expect(report.note).toContain('had not answered for 60 seconds')
  })

  it('that takes the whole application with it is not tried at the next start', async () => {
    behaviours = { webgpu: 'hang' }
    const lost = probe().catch(() => undefined)
    await vi.waitUntil(() => asked.includes('webgpu'))
    const file = join(running.workspace.cache, 'devices.json')
    const asLeft = await readFile(file, 'utf8')
    expect(JSON.parse(asLeft)).toMatchObject({ trying: 'webgpu' })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const closing = running.close()
    await vi.advanceTimersByTimeAsync(5000)
    vi.useRealTimers()
    await Promise.all([closing, lost])
    await writeFile(file, asLeft)
    asked = []
    await open()
    expect(find(told(), 'webgpu')).toMatchObject({ available: false, leftOut: true })
    expect(find(told(), 'webgpu').note).toContain('ended while it was measured')
  })
})

describe('TensorFlow', () => {
  it('is added, measured and taken by auto where it is the fastest; removed, it is not measured any more', async () => {
    await probe()
    expect(asked).toEqual(['cpu', 'webgpu'])
    behaviours = { tensorflow: { msPerStep: 1 } }
    const wheels = await running.grants.add(folder)
    const added = await running.backend.addDevice({ device: 'tensorflow', cuda: true, wheels: wheels.id })
    expect(installs).toEqual([{ engines: join(folder, 'engines'), cuda: true, wheels: await realpath(folder) }])
    // What was known of the others holds.
    expect(asked).toEqual(['cpu', 'webgpu', 'tensorflow'])
    expect(find(added, 'tensorflow')).toMatchObject({
      ...{ available: true, removable: true, label: 'TensorFlow 9.8.7 with CUDA', note: 'It was installed.' },
      chosen: expect.stringContaining('10.0 times as fast as the processor') as string,
    })
    expect(told()).toEqual(added)

    const removed = await running.backend.removeDevice({ device: 'tensorflow' })
    expect(find(removed, 'tensorflow')).toMatchObject({ available: false, note: 'Not installed.', chosen: null })
    expect(removed.filter(({ chosen }) => chosen !== null)).toHaveLength(1)
  })

  it('that was added and does not work is told in its own words', async () => {
    const broken = { available: false, msPerStep: null, note: 'It gets a known problem wrong.', next: 'Remove it.' }
    behaviours = { tensorflow: broken }
    await expect(running.backend.addDevice({ device: 'tensorflow' })).rejects.toMatchObject({
      code: 'device/does-not-work',
      message: expect.stringContaining('It gets a known problem wrong.') as string,
      next: 'Remove it.',
    })
  })

  it('is not added twice at once, nor where there is no folder for it', async () => {
    const first = running.backend.addDevice({ device: 'tensorflow' })
    const refused = expect(running.backend.addDevice({ device: 'tensorflow' }))
    await refused.rejects.toMatchObject({ code: 'device/is-being-added' })
    await first
    vi.stubEnv('UNSEEN_ENGINES', undefined)
    await expect(running.backend.addDevice({ device: 'tensorflow' })).rejects.toMatchObject({
      code: 'device/nowhere-to-install',
    })
  })
})
