import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Classification, Prediction } from '../../../src-main/contract/index.ts'
import { detail, fakeBackend, manifest, result, summary, type FakeBackend } from '../../testing/fake-backend.ts'
import { classBook } from '../../testing/fake-classes.ts'
import { mountApp } from '../../testing/mount.ts'

let unmount = (): void => undefined
beforeEach(() => sessionStorage.clear())
afterEach(() => unmount())

async function open(fake: FakeBackend, at: string) {
  const app = await mountApp(fake, at)
  unmount = () => app.unmount()
  const button = (name: string) => app.findAll('button').find((one) => one.text() === name)
  const tile = (at: number) => app.findAll('[role=option]')[at]
  return { app, button, tile }
}

const backbone = { id: 'basic', name: 'basic', sha256: 'a'.repeat(64) }
const run = summary({ backbone })
const photos = (over: Partial<Classification> = {}): Classification => ({
  id: 'photos-1',
  run: run.id,
  name: 'Trap 7',
  photos: 2,
  done: 2,
  state: 'done',
  error: null,
  classes: [
    { name: 'lynx', role: 'seen', id: null },
    { name: 'otter', role: 'unseen', id: null },
  ],
  gamma: 0.5,
  confidence: { temperature: 1, noneBelow: null },
  findings: [],
  device: 'cpu',
  ...over,
})
const prediction = (photo: number, lynx: number, otter: number): Prediction => ({
  photo,
  file: `trap/${photo}.jpg`,
  error: null,
  seen: { classes: Int32Array.of(0), scores: Float32Array.of(lynx) },
  unseen: { classes: Int32Array.of(1), scores: Float32Array.of(otter) },
  logSumSeen: lynx,
  logSumUnseen: otter,
})
const predictions = [prediction(0, 3, 1), prediction(1, 1.2, 1)]

const withPhotos = (more: Parameters<typeof fakeBackend>[1] = {}) =>
  fakeBackend(
    { datasets: [manifest()], runs: [run], classifications: [photos()] },
    {
      getClassification: () => Promise.resolve({ classification: photos(), predictions }),
      getClassifiedThumbnails: ({ photos: wanted }) => Promise.resolve(wanted.map(() => new Uint8Array())),
      ...more,
    },
  )

describe('the page Classify', () => {
  it('says what is missing where no model knows photos', async () => {
    const { app } = await open(fakeBackend({ datasets: [manifest()], runs: [summary()] }), '/classify')
    expect(app.text()).toContain('features that came with their datasets')
  })

  it('proposes the model that is best on held-out classes, of those on the newest data', async () => {
    const of = (id: string, H: number, startedAt: string, datasetHash = 'new') =>
      summary({ id, backbone, datasetHash, startedAt, result: result({ heldOut: { T1: 50, U: 50, S: 50, H } }) })
    const runs = [
      of('older-data', 90, '2026-03-01T10:00:00.000Z', 'old'),
      of('good', 60, '2026-03-02T10:00:00.000Z'),
      of('newest', 40, '2026-03-03T10:00:00.000Z'),
    ]
    const { app } = await open(fakeBackend({ datasets: [manifest()], runs }), '/classify')
    expect(app.find('select').element.value).toBe('good')
    const other = await mountApp(fakeBackend({ datasets: [manifest()], runs }), '/classify?run=older-data')
    expect(other.find('select').element.value).toBe('older-data')
    other.unmount()
  })

  it('proposes the model that classes were described for, though another is better, and says that they take part', async () => {
    const of = (id: string, method: 'ipn' | 'eszsl', H: number) =>
      summary({ id, method, backbone, result: result({ method, heldOut: { T1: 50, U: 50, S: 50, H } }) })
    const runs = [of('described', 'ipn', 40), of('better', 'eszsl', 90)]
    const classBooks = [classBook({ run: 'described' })]
    const { app } = await open(fakeBackend({ datasets: [manifest()], runs, classBooks }), '/classify')
    expect(app.find('select').element.value).toBe('described')
    expect(app.text()).toMatch(/★ \d+ class(?:es)? of yours takes? part/)
    await app.find('select').setValue('better')
    expect(app.text()).toContain('Only IPN recognises classes that you described.')
  })

  it('sends what is dropped with the chosen model, and opens the photos', async () => {
    const fake: FakeBackend = fakeBackend(
      { datasets: [manifest()], runs: [run, summary({ id: 'run-2', backbone, datasetName: 'Owls' })] },
      {
        startClassification: () => {
          fake.emit({ type: 'classification', classification: photos({ run: 'run-2' }) })
          return Promise.resolve(photos({ run: 'run-2' }))
        },
        getClassification: () => Promise.resolve({ classification: photos(), predictions: [] }),
      },
    )
    const dropped = () => Promise.resolve([{ file: new File(['x'], 'a.jpg'), path: 'a.jpg' }])
    const app = await mountApp(fake, '/classify', { dropped })
    unmount = () => app.unmount()
    await app.find('select').setValue('run-2')
    const drop = new Event('drop', { cancelable: true })
    Object.assign(drop, { dataTransfer: { types: ['Files'] } })
    window.dispatchEvent(drop)
    await vi.waitFor(() => expect(app.find('h1').text()).toBe('Trap 7'))
    expect(fake.calls.find(({ name }) => name === 'startClassification')).toEqual({
      name: 'startClassification',
      input: { run: 'run-2', grants: ['grant-0'] },
    })
  })
})

describe('classified photos', () => {
  it('are shown with the curve of their model, read at γ', async () => {
    const curve = {
      U: new Float32Array([0.1, 0.4, 0.8]),
      S: new Float32Array([0.9, 0.6, 0.2]),
      gamma: new Float32Array([-Infinity, 1.9, Infinity]),
    }
    const calibrated = { gamma: 0.5, U: 44.4, S: 55.5, H: 49.3 }
    const fake = fakeBackend(
      {
        datasets: [manifest()],
        runs: [summary({ backbone, result: result({ calibrated }) })],
        classifications: [photos()],
      },
      { getClassification: () => Promise.resolve({ classification: photos(), predictions }) },
      [],
      curve,
    )
    const { app } = await open(fake, '/classify/photos-1')
    const figures = () => app.findAll('.gamma figcaption b').map((one) => one.text())
    // Exactly as measured at the suggestion, and the curve's nearest point elsewhere.
    expect(figures()).toEqual(['55.5', '44.4', '49.3'])
    await app.find('input[type=range]').setValue('1.6')
    expect(figures()).toEqual(['60.0', '40.0', '48.0'])
  })

  it('change their answers with γ, at once and without a question to the backend', async () => {
    const fake = withPhotos()
    const { app, button } = await open(fake, '/classify/photos-1')
    const counts = () => app.find('.counts').text().replace(/\s+/g, ' ')
    expect(counts()).toContain('1 seen')
    expect(counts()).toContain('1 unseen')
    const asked = fake.calls.length
    await app.find('input[type=range]').setValue('0')
    expect(counts()).toContain('2 seen')
    await button('Suggested value')!.trigger('click')
    expect(counts()).toContain('1 unseen')
    expect(fake.calls.length).toBe(asked)
  })

  it('arrive while they are looked at', async () => {
    const fake = withPhotos({
      getClassification: () => Promise.resolve({ classification: photos(), predictions: [predictions[0]] }),
    })
    const { app } = await open(fake, '/classify/photos-1')
    expect(app.findAll('[role=option]')).toHaveLength(1)
    fake.emit({ type: 'predictions', classification: 'photos-1', predictions })
    await flushPromises()
    expect(app.findAll('[role=option]')).toHaveLength(2)
  })

  it('can be corrected by click and by key, undone, and added to the dataset', async () => {
    const fake = withPhotos({ keepClassified: () => Promise.reject(new Error('not now')) })
    const { button, tile } = await open(fake, '/classify/photos-1')
    await tile(0).trigger('click')
    window.dispatchEvent(new KeyboardEvent('keydown', { key: '2' }))
    await flushPromises()
    expect(tile(0).text()).toContain('otter')
    await button('Undo')!.trigger('click')
    expect(tile(0).text()).toContain('lynx')
    await button('Confirm')!.trigger('click')
    const keep = button('Add 1 confirmed photo to “Birds”')!
    await keep.trigger('click')
    await flushPromises()
    expect(fake.calls.at(-1)).toEqual({
      name: 'keepClassified',
      input: { classification: 'photos-1', photos: [{ photo: 0, class: 0 }] },
    })
    // What could not be added is not forgotten.
    expect(button('Add 1 confirmed photo to “Birds”')).toBeDefined()
  })

  it('say how many were added, and why others were not', async () => {
    const leftOut = [{ level: 'warning' as const, code: 'dataset/repeated-photos', message: 'Left out: 1 photo.' }]
    const fake = withPhotos({ keepClassified: () => Promise.resolve({ dataset: detail(), added: 1, leftOut }) })
    const { app, button, tile } = await open(fake, '/classify/photos-1')
    await tile(0).trigger('click')
    await tile(1).trigger('click', { ctrlKey: true })
    await button('Confirm their labels')!.trigger('click')
    await button('Add 2 confirmed photos to “Birds”')!.trigger('click')
    await flushPromises()
    expect(app.find('.toasts').text()).toContain('1 photo was added to “Birds”.Left out: 1 photo.')
    expect(app.text()).not.toContain('confirmed photo')
  })

  it('can be stopped while they are looked at', async () => {
    const fake = fakeBackend(
      { datasets: [manifest()], runs: [run], classifications: [photos({ state: 'running', done: 1 })] },
      {
        getClassification: () => Promise.resolve({ classification: photos(), predictions: [predictions[0]] }),
        cancelClassification: () => Promise.resolve(undefined),
      },
    )
    const { app, button } = await open(fake, '/classify/photos-1')
    expect(app.text()).toContain('1 of 2 photos looked at')
    await button('Cancel')!.trigger('click')
    expect(fake.calls.at(-1)?.name).toBe('cancelClassification')
  })
})
