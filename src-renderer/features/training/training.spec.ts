import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, it } from 'vitest'
import type { MetricPoint } from '../../../src-main/contract/index.ts'
import {
  fakeBackend,
  job,
  manifest,
  photoManifest,
  result,
  summary,
  type FakeBackend,
} from '../../testing/fake-backend.ts'
import { mountApp } from '../../testing/mount.ts'

let unmount = (): void => undefined
afterEach(() => unmount())

async function open(fake: FakeBackend, at: string) {
  const app = await mountApp(fake, at)
  unmount = () => app.unmount()
  const button = (name: string) => app.findAll('button').find((one) => one.text() === name)
  const labelled = (name: string) => {
    const label = app.findAll('label').find((one) => one.text().startsWith(name))!
    const id = label.attributes('for')
    return id ? app.find(`[id="${id}"]`) : label.find('input, select')
  }
  return { app, button, labelled }
}

const step = (episode: number, degree: number): MetricPoint => ({
  type: 'step',
  phase: { index: 2, count: 4, kind: 'hold-out' },
  episode,
  classification: 1.5,
  consistency: 0.01,
  semanticMeanDegree: degree,
  visualMeanDegree: 5,
  episodesPerSecond: 120,
  secondsLeft: 30,
})

describe('starting a training', () => {
  it('asks for what was chosen, knobs that differ included, and opens the run', async () => {
    const run = summary({ state: 'running', result: null })
    const fake: FakeBackend = fakeBackend(
      { datasets: [manifest()] },
      {
        startTraining: () => {
          fake.emit({ type: 'run', run })
          return Promise.resolve(run)
        },
      },
    )
    const { app, labelled } = await open(fake, '/train')
    await labelled('Seed').setValue('7')
    await labelled('Episodes').setValue('60')
    await labelled('Edge rule').setValue('threshold')
    expect(app.text()).toContain('2 values differ from the preset')
    await app.find('form').trigger('submit')
    await flushPromises()
    expect(fake.calls[0]).toEqual({ name: 'prepareTraining', input: {} })
    expect(fake.calls[1]).toEqual({
      name: 'startTraining',
      input: {
        dataset: 'birds',
        method: 'ipn',
        preset: 'quick',
        set: { episodes: 60, edgeRule: 'threshold' },
        device: 'auto',
        seed: 7,
        baseline: true,
      },
    })
    expect(app.find('h1').text()).toBe('Birds')
  })

  it('does not start with a value that cannot be', async () => {
    const { button, labelled } = await open(fakeBackend({ datasets: [manifest()] }), '/train')
    const start = button('Train')!
    expect(start.attributes('disabled')).toBeUndefined()
    await labelled('Episodes').setValue('many')
    expect(start.attributes('disabled')).toBeDefined()
    await labelled('Episodes').setValue('60')
    expect(start.attributes('disabled')).toBeUndefined()
    await labelled('Seed').setValue('-1')
    expect(start.attributes('disabled')).toBeDefined()
  })

  it('makes the features of photos first, then trains', async () => {
    const bare = photoManifest({ counts: { ...photoManifest().counts, features: null }, backbone: null })
    const run = summary({ state: 'running', result: null, dataset: 'shells' })
    const fake = fakeBackend(
      { datasets: [bare] },
      { extractFeatures: () => Promise.resolve(photoManifest()), startTraining: () => Promise.resolve(run) },
    )
    const { app, button } = await open(fake, '/train')
    expect(app.text()).toContain('These photos have no features yet')
    expect(button('Make features and train')!.attributes('disabled')).toBeUndefined()
    await app.find('form').trigger('submit')
    await flushPromises()
    expect(fake.calls.map(({ name }) => name).slice(0, 2)).toEqual(['extractFeatures', 'startTraining'])
    expect(fake.calls[0].input).toEqual({ dataset: 'shells', backbone: 'basic' })
  })

  it('does not train where making features was left', async () => {
    const bare = photoManifest({ counts: { ...photoManifest().counts, features: null }, backbone: null })
    const fake = fakeBackend({ datasets: [bare] }, { extractFeatures: () => new Promise(() => undefined) })
    const { app, button } = await open(fake, '/train')
    await app.find('form').trigger('submit')
    await flushPromises()
    await button('Cancel')!.trigger('click')
    expect(app.find('dialog').exists()).toBe(false)
    expect(fake.calls.map(({ name }) => name)).not.toContain('startTraining')
  })

  it('says what is missing where nothing can be trained on', async () => {
    const bare = manifest({ counts: { ...manifest().counts, features: null } })
    const { app } = await open(fakeBackend({ datasets: [bare] }), '/train')
    expect(app.text()).toContain('have no image features')
  })

  it('opens on the dataset that was trained on last', async () => {
    const [imported, startedAt] = ['2026-03-01T09:00:00.000Z', '2026-03-05T10:00:00.000Z']
    const datasets = [
      manifest({ importedAt: imported }),
      manifest({ id: 'owls', importedAt: '2026-03-02T09:00:00.000Z' }),
    ]
    const { labelled } = await open(fakeBackend({ datasets, runs: [summary({ startedAt })] }), '/train')
    expect((labelled('Dataset').element as HTMLSelectElement).value).toBe('birds')
  })

  it('tells two trainings on one dataset apart in the sidebar', async () => {
    const runs = [1, 2].map((seed) => summary({ id: `s${seed}`, seed, state: 'running', result: null }))
    const jobs = runs.map(({ id }) => job({ id: `job-${id}`, run: id, title: 'Birds' }))
    const { app } = await open(fakeBackend({ datasets: [manifest()], runs, jobs }), '/datasets')
    const links = app.findAll('footer.foot a').map((link) => link.text())
    expect(links).toEqual(['IPN on Birds, seed 2', 'IPN on Birds, seed 1'])
  })

  it('says of an interrupted run what is kept and how it goes on', async () => {
    const runs = [summary({ state: 'interrupted', result: null })]
    const { app, button } = await open(fakeBackend({ datasets: [manifest()], runs }), '/train/run-1')
    expect(app.find('main').text()).toContain('Resume goes on from the last checkpoint.')
    expect(button('Resume')).toBeDefined()
  })

  it('lists the runs of the dataset and no others, newest first, and resumes a stopped one', async () => {
    const fake = fakeBackend(
      {
        datasets: [manifest()],
        runs: [
          summary({ id: 'a', state: 'stopped', result: null }),
          summary({ id: 'b', startedAt: '2026-03-02T10:00:00.000Z' }),
          summary({ id: 'c', dataset: 'owls' }),
        ],
      },
      { resumeTraining: () => Promise.resolve(summary({ id: 'a', state: 'running', result: null })) },
    )
    const { app, button } = await open(fake, '/train')
    expect(app.findAll('li a').map((link) => link.attributes('href'))).toEqual(['#/train/b', '#/train/a'])
    await button('Resume')!.trigger('click')
    expect(fake.calls.at(-1)).toEqual({ name: 'resumeTraining', input: { run: 'a' } })
  })
})

describe('a run that goes on', () => {
  it('shows phase, speed and time, says which graph died, and stops', async () => {
    const fake = fakeBackend(
      { datasets: [manifest()], runs: [summary({ state: 'running', result: null })], jobs: [job()] },
      { stopTraining: () => Promise.resolve(summary({ state: 'stopped', result: null })) },
      [step(100, 0.2)],
    )
    const { app, button } = await open(fake, '/train/run-1')
    for (const part of [
      'Hold-out 2 of 3',
      '100 of 2,000 episodes',
      '120 episodes/s',
      '0:30 left',
      'The semantic graph is empty',
    ])
      expect(app.text()).toContain(part)
    expect(app.text()).not.toContain('The visual graph')
    fake.emit({ type: 'metrics', run: 'run-1', points: [step(200, 14)] })
    await flushPromises()
    expect(app.text()).toContain('200 of 2,000 episodes')
    expect(app.text()).toContain('The semantic graph is complete')
    const last = { ...step(2000, 5), phase: { index: 4, count: 4, kind: 'final' as const } }
    fake.emit({ type: 'metrics', run: 'run-1', points: [step(2000, 5), last] })
    await flushPromises()
    expect(app.find('main').text()).toContain('measuring what was learned…')
    expect(app.find('main').text()).not.toContain('0:30 left')
    await button('Stop and keep')!.trigger('click')
    expect(fake.calls.at(-1)).toEqual({ name: 'stopTraining', input: { run: 'run-1' } })
  })
})

describe('a result', () => {
  it('shows both H, the baseline beside it, and how γ was chosen', async () => {
    const spread = { ...result().heldOutSpread, H: { mean: 27, deviation: 1 } }
    const [U, S, gamma] = [new Float32Array([0, 1]), new Float32Array([1, 0]), new Float32Array([-1, 1])]
    const curve = { U, S, gamma }
    const baseline = summary({
      id: 'beside',
      method: 'eszsl',
      result: result({ method: 'eszsl', heldOut: { ...result().heldOut, H: 27 }, heldOutSpread: spread }),
    })
    const { app } = await open(
      fakeBackend({ datasets: [manifest()], runs: [summary({ baseline: 'beside' }), baseline] }, {}, [], curve),
      '/train/run-1',
    )
    for (const part of [
      'H at γ = 0',
      '31.4',
      '45.6',
      'No test image was used.',
      'Took 12.5 s · ',
      'IPN is better than the ESZSL baseline on held-out classes: H 45.4 against 27.0.',
    ])
      expect(app.text()).toContain(part)
    // Both curves in one picture, each named with its γ.
    const names = app.findAll('figure .legend li').map((one) => one.text().split(':')[0])
    expect(names).toEqual(['IPN', 'ESZSL'])
  })

  it('falls back to the estimate where there are no unseen test images', async () => {
    const nothing = { T1: null, U: null, S: null, H: null }
    const run = summary({ result: result({ ...nothing, calibrated: { ...nothing, gamma: 0.4 }, ausuc: null }) })
    const { app } = await open(fakeBackend({ datasets: [manifest()], runs: [run] }), '/train/run-1')
    expect(app.text()).toContain('The figures on held-out classes are the estimate')
    expect(app.find('.tiles').text()).toContain('T1, estimate from held-out classes')
    expect(app.find('.tiles').text()).toContain('50.1')
  })

  it('says that it was made on older data, and that its pictures are drawn', async () => {
    const datasets = [photoManifest({ id: 'birds', drawn: true, contentHash: 'e'.repeat(64) })]
    const { app } = await open(fakeBackend({ datasets, runs: [summary()] }), '/train/run-1')
    for (const part of ['made on older data', 'drawn · not a benchmark'])
      expect(app.find('header').text()).toContain(part)
    unmount()
    const same = await open(fakeBackend({ datasets: [manifest()], runs: [summary()] }), '/train/run-1')
    expect(same.app.find('header').text()).not.toContain('older')
  })
})
