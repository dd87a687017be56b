import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../src-main/contract/index.ts'
import type { FileAccess } from '../../backend/index.ts'
import { device, fakeBackend, job, type FakeBackend } from '../../testing/fake-backend.ts'
import { mountApp } from '../../testing/mount.ts'
import { deviceRows } from './rows.ts'

let unmount = (): void => undefined
afterEach(() => unmount())

async function open(fake: FakeBackend, over: Partial<FileAccess> = {}) {
  const app = await mountApp(fake, '/devices', over)
  unmount = () => app.unmount()
  const button = (name: string) => app.findAll('button').find((one) => one.text() === name)
  const press = async (name: string): Promise<void> => {
    await button(name)!.trigger('click')
    await flushPromises()
  }
  const row = (name: string) => app.findAll('tbody').find((one) => one.find('.name').text() === name)!
  return { app, button, press, row }
}

const cpu = device()
const reason = 'Chosen by auto: 2.5 ms per step, 4.0 times as fast as the processor.'
const card = device({ name: 'webgpu', label: 'Example card', msPerStep: 2.5, chosen: reason })
const none = { available: false, gflops: null, msPerStep: null, goldenError: null }
const absentCard = device({ name: 'webgpu', ...none, note: 'No graphics card was found.', next: 'Install its driver.' })
const hungCard = device({ name: 'webgpu', ...none, leftOut: true, note: 'It hung.', next: 'Install its driver.' })
const noTensorFlow = device({ name: 'tensorflow', label: 'TensorFlow', ...none, note: 'Not installed.' })
const tensorFlow = device({ name: 'tensorflow', label: 'TensorFlow 2.18.1', msPerStep: 20, removable: true })

describe('the devices page', () => {
  it('before the first measurement has one button, which measures', async () => {
    const fake = fakeBackend(
      {},
      {
        probeDevices: () => {
          fake.emit({ type: 'devices', devices: [cpu] })
          return Promise.resolve([cpu])
        },
      },
    )
    const { app, button, press } = await open(fake)
    expect(app.text()).toContain('Nothing has been measured yet')
    expect(button('Add TensorFlow…')).toBeUndefined()
    await press('Measure the devices')
    expect(fake.calls).toEqual([{ name: 'probeDevices', input: {} }])
    expect(app.find('tbody').text()).toContain('Example processor')
  })

  it('shows what the machine has, each device beside the processor, and the one that auto takes', async () => {
    const { app, row } = await open(fakeBackend({ devices: [cpu, card, noTensorFlow] }))
    expect(app.find('.tiles').text()).toMatch(/8 cores\s*Processor/)
    expect(app.find('.tiles').text()).toContain('16.0 GiB')
    expect(app.find('.tiles').text()).toContain(reason)
    for (const part of ['works', '2.5 ms', '4.0 × as fast', '120', 'auto', 'Example card'])
      expect(row('Graphics card (WebGPU)').text()).toContain(part)
    expect(row('Processor').text()).toContain('the measure')
    expect(row('Processor').find('.chip').exists()).toBe(false)
  })

  it('says why one is missing and what to do; one that was left out can be tried again', async () => {
    const fake = fakeBackend({ devices: [cpu, absentCard] })
    const { row, press, button } = await open(fake)
    for (const part of ['not there', 'No graphics card was found.', 'Install its driver.'])
      expect(row('Graphics card (WebGPU)').text()).toContain(part)
    expect(button('Try again')).toBeUndefined()
    fake.emit({ type: 'devices', devices: [cpu, hungCard] })
    await flushPromises()
    expect(row('Graphics card (WebGPU)').text()).toContain('left out')
    await press('Try again')
    expect(fake.calls.at(-1)).toEqual({ name: 'probeDevices', input: {} })
  })

  it('shows how far a measurement is, and cancels it', async () => {
    const probe = job({ id: 'p', kind: 'probe', message: 'Measuring the processor', progress: null })
    const fake = fakeBackend({ devices: [cpu], jobs: [probe] })
    const { app, button, press } = await open(fake)
    expect(app.text()).toContain('Measuring the processor')
    expect(button('Measure again')!.attributes('disabled')).toBeDefined()
    await press('Cancel')
    expect(fake.calls.at(-1)).toEqual({ name: 'cancelJob', input: { job: 'p' } })
  })
})

describe('adding TensorFlow', () => {
  it('asks for what was chosen, shows how far it is, and cancels', async () => {
    const fake = fakeBackend({ devices: [cpu, noTensorFlow] }, { addDevice: () => new Promise(() => undefined) })
    const { app, button, press } = await open(fake)
    await press('Add TensorFlow…')
    expect(app.find('dialog').text()).toContain('About 230 MB to download')
    await app.find('input[value=cuda]').setValue(true)
    await app.find('dialog form').trigger('submit')
    expect(fake.calls.at(-1)).toEqual({
      name: 'addDevice',
      input: { device: 'tensorflow', cuda: true, wheels: null },
    })
    expect(app.find('dialog').exists()).toBe(false)
    fake.emit({ type: 'job', job: job({ id: 'd', kind: 'device', message: 'Downloading tensorflow: 12 of 3,376 MB' }) })
    await flushPromises()
    expect(app.text()).toContain('Downloading tensorflow: 12 of 3,376 MB')
    expect(button('Add TensorFlow…')!.attributes('disabled')).toBeDefined()
    await press('Cancel')
    expect(fake.calls.at(-1)).toEqual({ name: 'cancelJob', input: { job: 'd' } })
    fake.emit({ type: 'job', job: job({ id: 'd', kind: 'device', state: 'cancelled' }) })
    await flushPromises()
    expect(app.text()).toContain('What was downloaded is kept')
  })

  it('takes a folder of wheels instead, and gives it back at the end', async () => {
    const released: string[] = []
    const fake = fakeBackend({ devices: [cpu, noTensorFlow] }, { addDevice: () => Promise.resolve([cpu, tensorFlow]) })
    const { app, press } = await open(fake, {
      chooseFolder: () => Promise.resolve({ id: 'grant-w', name: 'wheels', kind: 'folder' }),
      release: (grants) => void released.push(...grants.map(({ id }) => id)),
    })
    await press('Add TensorFlow…')
    await press('Choose a folder…')
    expect(app.find('dialog').text()).toContain('taken from “wheels”')
    await app.find('dialog form').trigger('submit')
    await flushPromises()
    expect(fake.calls.at(-1)!.input).toEqual({ device: 'tensorflow', cuda: false, wheels: 'grant-w' })
    expect(released).toEqual(['grant-w'])
  })

  it('that failed says why and what to do, once', async () => {
    const error = { code: 'device/no-compiler' as const, message: 'No C++ compiler was found.', next: 'Install one.' }
    const fake = fakeBackend(
      { devices: [cpu, noTensorFlow] },
      {
        addDevice: () => {
          fake.emit({ type: 'job', job: job({ id: 'd', kind: 'device', state: 'failed', error }) })
          return Promise.reject(new AppError(error.code, error.message, { next: error.next }))
        },
      },
    )
    const { app, press } = await open(fake)
    await press('Add TensorFlow…')
    await app.find('dialog form').trigger('submit')
    await flushPromises()
    expect(app.findAll('[role=alert]').map((one) => one.text())).toEqual([
      expect.stringMatching(/No C\+\+ compiler was found\..*Install one\./s) as string,
    ])
  })

  it('is undone after a question', async () => {
    const fake = fakeBackend({ devices: [cpu, tensorFlow] }, { removeDevice: () => Promise.resolve([cpu]) })
    const { app, press, button, row } = await open(fake)
    expect(button('Add TensorFlow…')).toBeUndefined()
    expect(row('TensorFlow').text()).toContain('2.0 × as slow')
    await press('Remove…')
    expect(app.find('dialog').text()).toContain('runs that were trained on it stay')
    expect(fake.calls).toEqual([])
    await press('Remove')
    expect(fake.calls).toEqual([{ name: 'removeDevice', input: { device: 'tensorflow' } }])
  })
})

describe('the bars', () => {
  it('are drawn to one scale, and a software renderer leaves something of the others', () => {
    const rows = deviceRows([cpu, card, device({ name: 'tensorflow', msPerStep: 800 })])
    expect(rows.map(({ share, cut }) => [share, cut])).toEqual([
      [10 / 30, false],
      [2.5 / 30, false],
      [1, true],
    ])
    expect(deviceRows([cpu])[0]).toMatchObject({ share: 1, cut: false, speed: 1 })
  })

  it('are left out where there is no figure', () => {
    expect(deviceRows([absentCard])).toMatchObject([{ share: null, speed: null, state: 'missing' }])
    expect(deviceRows([card])).toMatchObject([{ share: 1, speed: null }])
  })
})
