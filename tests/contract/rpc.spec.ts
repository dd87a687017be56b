import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  AppError,
  commands,
  toWireError,
  type Backend,
  type BackendEvent,
  type BackendListener,
  type CommandName,
  type Snapshot,
} from '../../src-main/contract/index.ts'
import { connect, serve, type RemoteBackend } from '../../src-main/contract/rpc.ts'
import { decode, encode } from '../../src-main/contract/wire.ts'
import { createEventHub, type EventHub } from '../../src-main/core/event-hub.ts'
import { channelPair, transports, until, type Transport } from './transports.ts'

const event = (count: number): BackendEvent => ({ type: 'dataset-removed', dataset: `d${count}` })

/** A backend whose state is a count of events, so that a snapshot and the events after it can be told apart. */
function fakeBackend(answers: Partial<Backend>): { backend: Backend; hub: EventHub; tell: () => void } {
  let count = 0
  const snapshot = (): Snapshot => ({
    about: {
      ...{ version: String(count), workspace: 'test', host: 'cli' },
      machine: { processor: '', cores: 1, memoryBytes: 0 },
    },
    ...{ datasets: [], runs: [], jobs: [], devices: [], backbones: [], classifications: [], classBooks: [] },
  })
  const hub = createEventHub(snapshot)
  const missing = Object.fromEntries(
    Object.keys(commands).map((name) => [name, () => Promise.reject(new Error(`${name} is not part of this test`))]),
  ) as unknown as Backend
  return {
    backend: { ...missing, ...answers, subscribe: hub.subscribe },
    hub,
    tell: () => hub.emit(event(++count)),
  }
}

/** What a listener heard: `s3` is a snapshot of three events, `e4` the fourth event. */
function recorder(): { heard: string[]; listener: BackendListener } {
  const heard: string[] = []
  return {
    heard,
    listener: {
      snapshot: ({ sequence, snapshot }) => void heard.push(`s${snapshot.about.version}#${sequence}`),
      event: ({ sequence, event }) =>
        void heard.push(`e${event.type === 'dataset-removed' ? event.dataset.slice(1) : '?'}#${sequence}`),
    },
  }
}

describe.each(Object.keys(transports))('a backend reached through %s', (name) => {
  const values = Float32Array.of(1.5, NaN, -0, Infinity)
  const answers = {
    getAttributes: vi.fn<Backend['getAttributes']>(() => Promise.resolve({ rows: 2, columns: 2, values })),
    renameDataset: vi.fn<Backend['renameDataset']>(() => Promise.resolve({} as never)),
    removeDataset: vi.fn<Backend['removeDataset']>(() => Promise.resolve(undefined)),
    startTraining: vi.fn<Backend['startTraining']>(() => Promise.resolve({} as never)),
    evaluateRun: vi.fn<Backend['evaluateRun']>(() => new Promise(() => undefined)),
    getRun: vi.fn<Backend['getRun']>(() =>
      Promise.reject(new AppError('run/gone', 'It is gone.', { next: 'Look in the trash.', details: { at: [1] } })),
    ),
    getDataset: vi.fn<Backend['getDataset']>(() => readFile('/no/such/file') as never),
  }
  let fake: ReturnType<typeof fakeBackend>
  let transport: Transport
  let remote: RemoteBackend
  let cut: () => void
  let send: (message: unknown) => void
  beforeEach(async () => {
    vi.clearAllMocks()
    fake = fakeBackend(answers)
    transport = await transports[name](fake.backend)
    const opened = await transport.open()
    remote = opened.remote
    cut = opened.cut
    send = (message) => opened.channel.send(message)
  })
  afterEach(async () => {
    remote.close()
    await transport.close()
  })

  it('keeps typed arrays what they are, bit for bit', async () => {
    const matrix = await remote.getAttributes({ dataset: 'a' })
    expect(matrix.values).toBeInstanceOf(Float32Array)
    expect(matrix).toEqual({ rows: 2, columns: 2, values })
  })

  it('answers nothing with undefined', async () => {
    await expect(remote.removeDataset({ dataset: 'a' })).resolves.toBeUndefined()
  })

  it('gets arguments with their defaults and cleaned', async () => {
    await remote.startTraining({ dataset: 'a' })
    expect(answers.startTraining.mock.lastCall?.[0]).toMatchObject({
      ...{ dataset: 'a', method: 'ipn', preset: 'quick', set: {}, device: 'auto', seed: 1 },
    })
    await remote.renameDataset({ dataset: 'a', name: '  Birds ' })
    expect(answers.renameDataset).toHaveBeenCalledWith({ dataset: 'a', name: 'Birds' })
  })

  it.each([
    [{ dataset: '../../etc' }, 'dataset'],
    [{ dataset: 'a', set: { hidden: -1 } }, 'set.hidden'],
    [{ dataset: 'a', seed: 0.5 }, 'seed'],
    [undefined, ''],
  ])('refuses arguments that the command does not take, naming the field: %j', async (input, field) => {
    const refused = remote.startTraining(input as never)
    await expect(refused).rejects.toBeInstanceOf(AppError)
    await expect(refused).rejects.toMatchObject({
      code: 'contract/invalid-arguments',
      details: { command: 'startTraining', field },
    })
    expect(answers.startTraining).not.toHaveBeenCalled()
  })

  it('keeps an error’s code, sentence, next step and details, and tells no stack', async () => {
    await expect(remote.getRun({ run: 'a' })).rejects.toMatchObject({
      ...{ name: 'AppError', code: 'run/gone', message: 'It is gone.' },
      ...{ next: 'Look in the trash.', details: { at: [1] } },
    })
  })

  it('tells nothing of an unexpected error but its kind: its message may hold a path', async () => {
    const error = await remote.getDataset({ dataset: 'a' }).catch((thrown: unknown) => toWireError(thrown))
    expect(error).toEqual({
      code: 'internal/unexpected',
      message: 'Something unexpected happened in Unseen (ENOENT).',
      next: expect.stringContaining('report') as unknown,
    })
  })

  it.each<[sentence: string, command: 'inspectDataset' | 'renameDataset' | 'startTraining', input: unknown]>([
    [
      'The files and folders must number at most 10,000.',
      'inspectDataset',
      { grants: Array.from({ length: 10_001 }, String) },
    ],
    ['“name” must have at most 120 characters.', 'renameDataset', { dataset: 'a', name: 'x'.repeat(121) }],
    ['“set.edgeDegrees” must be less than 90.', 'startTraining', { dataset: 'a', set: { edgeDegrees: 91 } }],
    ['“dataset” is missing or not understood.', 'startTraining', {}],
    ['This request is not understood.', 'startTraining', 7],
  ])('refuses with a sentence: %s', async (message, command, input) => {
    await expect(remote[command](input as never)).rejects.toMatchObject({ message })
  })

  it.each(['nothing', 'toString', 'constructor', '__proto__', 'hasOwnProperty', '$close', '$call', 'snapshot'])(
    'does not have the command %s',
    async (command) => {
      const answer = new Promise((resolve) => {
        const [here, there] = channelPair()
        here.receive(resolve)
        serve(fake.backend, there)
        here.send({ t: 'q', i: '1', m: command, a: [{}] })
      })
      expect(await answer).toMatchObject({ t: 's', i: '1', e: { code: 'contract/unknown-command' } })
    },
  )

  it('survives whatever else is sent', async () => {
    for (const message of [
      null,
      7,
      'q',
      [],
      {},
      { t: 'q' },
      { t: 's', i: '1' },
      { t: 'q', i: 1, m: 'getRun', a: {} },
    ]) {
      send(message)
    }
    send({ t: 'q', i: 'x', m: 'subscribe', a: ['not a number'] })
    expect(await remote.getAttributes({ dataset: 'a' })).toMatchObject({ rows: 2 })
  })

  it('tells a snapshot first and then every event, each once, in order', async () => {
    const { heard, listener } = recorder()
    fake.tell()
    const end = remote.subscribe(listener)
    for (let i = 0; i < 3; i++) fake.tell()
    await until(() => heard.length > 0)
    for (let i = 0; i < 3; i++) fake.tell()
    await until(() => heard.at(-1) === 'e7#7')
    const known = Number(/^s(\d)#\1$/.exec(heard[0])![1])
    expect(heard.slice(1)).toEqual(Array.from({ length: 7 - known }, (_, i) => `e${known + i + 1}#${known + i + 1}`))

    end()
    fake.tell()
    await remote.removeDataset({ dataset: 'a' })
    expect(heard.at(-1)).toBe('e7#7')
  })

  it('gives each subscriber a snapshot of its own', async () => {
    const [first, second] = [recorder(), recorder()]
    remote.subscribe(first.listener)
    await until(() => first.heard.length === 1)
    fake.tell()
    remote.subscribe(second.listener)
    await until(() => second.heard.length === 1)
    expect([first.heard, second.heard]).toEqual([['s0#0', 'e1#1'], ['s1#1']])
  })

  it('rejects what was pending, and all that comes after, when the connection is lost', async () => {
    const pending = remote.evaluateRun({ run: 'a' })
    pending.catch(() => undefined)
    await until(() => answers.evaluateRun.mock.calls.length > 0)
    cut()
    await expect(pending).rejects.toMatchObject({ name: 'AppError', code: 'connection/lost' })
    await expect(remote.removeDataset({ dataset: 'a' })).rejects.toMatchObject({ code: 'connection/lost' })
  })

  it('can be connected to again, with all that happened meanwhile in the snapshot', async () => {
    const before = recorder()
    remote.subscribe(before.listener)
    await until(() => before.heard.length === 1)
    const lost = remote.evaluateRun({ run: 'a' }).catch((error: unknown) => error)
    cut()
    await lost
    fake.tell()
    fake.tell()
    const again = (await transport.open()).remote
    const after = recorder()
    again.subscribe(after.listener)
    await until(() => after.heard.length === 1)
    fake.tell()
    await until(() => after.heard.length === 2)
    expect([before.heard, after.heard]).toEqual([['s0#0'], ['s2#2', 'e3#3']])
    again.close()
  })
})

describe('a subscription over a channel that loses messages', () => {
  it('asks for a new snapshot, and ends up knowing everything, without a doubled event', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (losses) => {
        const fake = fakeBackend({})
        const [here, there] = channelPair()
        let losing = false
        serve(fake.backend, {
          ...there,
          send: (message) => {
            if (!losing) there.send(message)
          },
        })
        const { heard, listener } = recorder()
        const remote = connect(here)
        remote.subscribe(listener)
        await until(() => heard.length === 1)
        for (const lost of losses) {
          losing = lost
          fake.tell()
          // A turn of the event loop now and then, so that some losses come in runs and some alone.
          if (!lost) await new Promise((resolve) => setImmediate(resolve))
        }
        losing = false
        fake.tell()
        const all = losses.length + 1
        await until(() => heard.at(-1).endsWith(`#${all}`))

        let known = -1
        for (const entry of heard) {
          const [, kind, count, sequence] = /^([se])(\d+)#(\d+)$/.exec(entry)!
          expect(count).toBe(sequence)
          if (kind === 'e') expect(Number(count)).toBe(known + 1)
          else expect(Number(count)).toBeGreaterThan(known)
          known = Number(count)
        }
        remote.close()
      }),
      { numRuns: 30 },
    )
  })
})

describe('every command', () => {
  it.each(Object.keys(commands) as CommandName[])('%s refuses what is no object', async (name) => {
    const [here, there] = channelPair()
    const called = vi.fn()
    serve({ ...fakeBackend({}).backend, [name]: called }, there)
    await expect(connect(here)[name]('x' as never)).rejects.toMatchObject({ code: 'contract/invalid-arguments' })
    expect(called).not.toHaveBeenCalled()
  })
})

describe('a page that subscribes without end', () => {
  it('is refused, and ends nobody else’s subscription', async () => {
    const fake = fakeBackend({})
    const [here, there] = channelPair()
    const answers: { e?: { code: string } }[] = []
    here.receive((message) => {
      if ((message as { t: string }).t === 's') answers.push(message as never)
    })
    const end = serve(fake.backend, there)
    for (let id = 0; id < 100; id++) here.send({ t: 'q', i: String(id), m: 'subscribe', a: [id] })
    await until(() => answers.length === 100)
    expect(answers.filter(({ e }) => e?.code === 'contract/refused')).toHaveLength(36)
    end()
    fake.tell()
  })
})

describe('the encoding for sockets', () => {
  const array = fc.oneof(fc.float32Array(), fc.int32Array(), fc.float64Array())
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      fc.integer(),
      fc.double({ noNaN: true }).map((number) => number + 0), // a lone −0 travels as 0; in an array it stays
      fc.string(),
      fc.boolean(),
      fc.constant(null),
      array,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => key !== '__proto__'),
        tie('value'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  })).value

  it('gives back what it was given', () => {
    fc.assert(
      fc.property(value, (given) => {
        expect(decode(Buffer.from(encode(given)))).toEqual(given)
      }),
    )
  })

  it('gives arrays a memory of their own, whatever part of another they were', () => {
    const memory = Float64Array.of(0, 1, 2, 3)
    const given = decode(encode({ odd: 'x', part: memory.subarray(1, 3) })) as { part: Float64Array }
    expect(given.part).toEqual(Float64Array.of(1, 2))
    expect(given.part.buffer.byteLength).toBe(16)
  })

  it('leaves out what is undefined', () => {
    expect(decode(encode({ a: undefined, b: 1 }))).toStrictEqual({ b: 1 })
  })

  it('refuses bytes that are no message', () => {
    expect(() => decode(Uint8Array.of(0xc1))).toThrow()
    expect(() => decode(encode({ a: new Float32Array(8) }).subarray(0, 12))).toThrow()
  })
})
