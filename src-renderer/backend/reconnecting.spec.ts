import { describe, expect, it } from 'vitest'
import { AppError } from '../../src-main/contract/index.ts'
import { fakeBackend, manifest } from '../testing/fake-backend.ts'
import { reconnecting, type Link } from './reconnecting.ts'

const settle = () => new Promise((done) => setTimeout(done))

function wire() {
  const cuts: (() => void)[] = []
  const waits: number[] = []
  let refusals = 0
  const fake = fakeBackend({ datasets: [manifest()] })
  const open = (): Promise<Link> =>
    refusals-- > 0
      ? Promise.reject(new Error('refused'))
      : Promise.resolve({ backend: fake.backend, closed: (listener) => void cuts.push(listener) })
  const wait = (ms: number) => Promise.resolve(void waits.push(ms))
  return { open, wait, waits, cut: () => cuts.pop()!(), refuse: (times: number) => (refusals = times), fake }
}

describe('a backend behind a wire that breaks', () => {
  it('keeps a command until the first link is there', async () => {
    const { open, wait, refuse } = wire()
    refuse(2)
    const { backend, status } = reconnecting(open, wait)
    expect(status.value).toBe('connecting')
    await expect(backend.getDataset({ dataset: 'birds' })).resolves.toMatchObject({ name: 'Birds' })
    expect(status.value).toBe('online')
  })

  it('refuses commands while the wire is mended, waits longer each time, and subscribes again with a snapshot', async () => {
    const { open, wait, waits, cut, refuse, fake } = wire()
    const { backend, status } = reconnecting(open, wait)
    const heard: string[] = []
    backend.subscribe({ snapshot: () => heard.push('snapshot'), event: ({ event }) => heard.push(event.type) })
    await settle()
    refuse(4)
    cut()
    expect(status.value).toBe('reconnecting')
    await expect(backend.probeDevices({})).rejects.toMatchObject({
      code: 'connection/lost',
    } satisfies Partial<AppError>)
    await settle()
    expect(status.value).toBe('online')
    expect(waits).toEqual([250, 250, 500, 1000, 2000])
    fake.emit({ type: 'devices', devices: [] })
    expect(heard.slice(0, 2)).toEqual(['snapshot', 'snapshot'])
    expect(heard).toContain('devices')
  })
})

describe('a host that was started anew', () => {
  it('is told apart from one that is only away', async () => {
    const refused = new AppError('web/not-signed-in', 'This page needs the printed address.')
    const answers = [Promise.reject(new Error('away')), Promise.reject(refused), new Promise<Link>(() => undefined)]
    const { status } = reconnecting(
      () => answers.shift()!,
      () => Promise.resolve(),
    )
    await settle()
    expect(status.value).toBe('signed-out')
  })
})
