import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../src-main/contract/index.ts'
import { fakeBackend, job, manifest, report, result, summary, type FakeBackend } from '../../testing/fake-backend.ts'
import { mountApp } from '../../testing/mount.ts'
import { datasetRows } from './rows.ts'

let unmount = (): void => undefined
afterEach(() => unmount())

async function openDatasets(fake: FakeBackend, at = '/datasets') {
  const app = await mountApp(fake, at, {
    dropped: () => Promise.resolve([{ file: new File(['x'], 'a.mat'), path: 'set/a.mat' }]),
  })
  unmount = () => app.unmount()
  const button = (name: string) => app.findAll('button').find((one) => one.text().startsWith(name))
  return {
    app,
    button,
    press: async (name: string) => {
      await button(name)!.trigger('click')
      await flushPromises()
    },
    drop: async () => {
      const event = new Event('drop', { cancelable: true })
      Object.assign(event, { dataTransfer: { types: ['Files'] } })
      window.dispatchEvent(event)
      await flushPromises()
    },
  }
}

describe('the list of datasets', () => {
  it('is newest first, with the last run that is no baseline', () => {
    const rows = datasetRows(
      [manifest(), manifest({ id: 'owls', importedAt: '2026-04-01T00:00:00.000Z' })],
      [
        summary({ id: 'old', startedAt: '2026-01-01T00:00:00.000Z' }),
        summary({ id: 'ours', baseline: 'beside', startedAt: '2026-02-01T00:00:00.000Z' }),
        summary({ id: 'beside', method: 'eszsl', startedAt: '2026-02-01T00:00:01.000Z' }),
      ],
      [job({ run: 'ours' })],
    )
    expect(rows.map(({ dataset, lastRun, job: running }) => [dataset.id, lastRun?.id, running?.id])).toEqual([
      ['owls', undefined, undefined],
      ['birds', 'ours', 'job-1'],
    ])
  })

  it('says what to do when it is empty', async () => {
    const { app } = await openDatasets(fakeBackend())
    expect(app.text()).toContain('Drop your first dataset here')
  })

  it('shows the calibrated H of the last run', async () => {
    const { app } = await openDatasets(fakeBackend({ datasets: [manifest()], runs: [summary({ result: result() })] }))
    expect(app.find('tbody').text()).toContain('H 45.6')
  })
})

describe('importing', () => {
  it('shows the report of a drop first, then imports it under the name that was typed, and opens it', async () => {
    const fake = fakeBackend({}, { inspectDataset: () => Promise.resolve(report({ minusOnes: 3 })) })
    const { app, drop } = await openDatasets(fake)
    await drop()
    const dialog = app.find('dialog')
    expect(dialog.text()).toContain('Before import: Birds')
    expect(dialog.text()).toContain('3 attribute values are −1')
    expect(fake.calls.map(({ name }) => name)).toEqual(['inspectDataset'])
    await dialog.find('input[value=unknown]').setValue()
    await dialog.find('input[type=text]').setValue('My birds')
    await dialog.find('form').trigger('submit')
    await flushPromises()
    expect(fake.calls[1]).toEqual({
      name: 'importDataset',
      input: { report: 'report-1', name: 'My birds', minusOne: 'unknown' },
    })
    expect(app.find('h1').text()).toBe('My birds')
  })

  it('offers no import where a problem prevents it', async () => {
    const finding = { level: 'problem', code: 'overlap', message: '7 images are in two lists.' } as const
    const fake = fakeBackend(
      {},
      { inspectDataset: () => Promise.resolve(report({ importable: false, findings: [finding] })) },
    )
    const { app, drop, button } = await openDatasets(fake)
    await drop()
    expect(app.find('dialog').text()).toContain('7 images are in two lists.')
    expect(button('Import')).toBeUndefined()
  })

  it('tells a refusal with its next step and that nothing was lost', async () => {
    const refused = new AppError('dataset/unknown-layout', 'No dataset is in this folder.', {
      next: 'Drop another one.',
    })
    const { app, drop } = await openDatasets(fakeBackend({}, { inspectDataset: () => Promise.reject(refused) }))
    await drop()
    const told = app.find('dialog').text()
    for (const part of ['No dataset is in this folder.', 'Drop another one.', 'Nothing was written'])
      expect(told).toContain(part)
  })

  it('cancels the job that it waits for, and stays silent about its end', async () => {
    let fail: (error: AppError) => void = () => undefined
    const fake = fakeBackend({}, { inspectDataset: () => new Promise((_, reject) => (fail = reject)) })
    const { app, drop, press } = await openDatasets(fake)
    await drop()
    fake.emit({ type: 'job', job: job({ id: 'looking', kind: 'inspect', run: null, message: 'Reading res101.mat' }) })
    await flushPromises()
    expect(app.find('dialog').text()).toContain('Reading res101.mat')
    await press('Cancel')
    fail(new AppError('job/cancelled', 'Cancelled.'))
    await flushPromises()
    expect(fake.calls.at(-1)).toEqual({ name: 'cancelJob', input: { job: 'looking' } })
    expect(app.find('dialog').exists()).toBe(false)
  })
})

describe('one dataset', () => {
  it('shows its classes and finds one by name', async () => {
    const { app } = await openDatasets(fakeBackend({ datasets: [manifest()] }), '/datasets/birds')
    await app.find('input[type=search]').setValue('class 17')
    const rows = app.findAll('tbody tr.line')
    expect(rows.map((row) => row.text())).toEqual([expect.stringContaining('Class 17')])
    expect(rows[0].text()).toContain('unseen')
  })

  it('is not removed while a training on it runs', async () => {
    const fake = fakeBackend({ datasets: [manifest()], runs: [summary({ state: 'running', result: null })] })
    const { app, press } = await openDatasets(fake, '/datasets/birds')
    await press('Remove')
    expect(app.text()).toContain('A training on “Birds” is running')
    expect(fake.calls.map(({ name }) => name)).not.toContain('removeDataset')
  })

  it('says that images and roles are not known without labels, rather than none', async () => {
    const counts = { ...manifest().counts, images: 0, seen: 0, unseen: 0, features: null }
    const { app } = await openDatasets(fakeBackend({ datasets: [manifest({ counts })] }), '/datasets/birds')
    expect(app.text()).toContain('not known without features and labels')
    expect(app.text()).not.toContain('0 unseen')
  })

  it('comes back after it was removed', async () => {
    const fake = fakeBackend({ datasets: [manifest()] })
    const { app, press } = await openDatasets(fake, '/datasets/birds')
    await press('Remove')
    expect(app.text()).toContain('“Birds” is removed.')
    await press('Undo')
    expect(fake.calls.map(({ name }) => name).slice(-2)).toEqual(['removeDataset', 'restoreDataset'])
    expect(app.find('tbody').text()).toContain('Birds')
  })
})
