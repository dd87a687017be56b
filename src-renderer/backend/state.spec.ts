import { describe, expect, it } from 'vitest'
import type { BackendEvent, MetricPoint } from '../../src-main/contract/index.ts'
import { classification, fakeBackend, job, manifest, prediction, summary } from '../testing/fake-backend.ts'
import { applyEvent, emptyState as empty, followBackend } from './state.ts'

const point: MetricPoint = {
  type: 'held-out',
  phase: { index: 1, count: 4, kind: 'hold-out' },
  episode: 100,
  T1: 1,
  U: 1,
  S: 1,
  H: 1,
}

describe('the state of the backend', () => {
  it('adds what is new, replaces what is known and drops what is removed', () => {
    const added = applyEvent(empty, { type: 'dataset', dataset: manifest() })
    const renamed = applyEvent(added, { type: 'dataset', dataset: manifest({ name: 'Owls' }) })
    expect(renamed.datasets.map(({ name }) => name)).toEqual(['Owls'])
    expect(applyEvent(renamed, { type: 'dataset-removed', dataset: 'birds' }).datasets).toEqual([])
    expect(added.datasets[0].name).toBe('Birds')
  })

  it('applies an event twice without harm', () => {
    const events: BackendEvent[] = [
      { type: 'run', run: summary() },
      { type: 'job', job: job() },
      { type: 'run-removed', run: 'run-1' },
      { type: 'devices', devices: [] },
      { type: 'backbones', backbones: [] },
      { type: 'classification', classification: classification() },
      { type: 'classification-removed', classification: 'look-1' },
    ]
    for (const event of events) {
      const once = applyEvent(empty, event)
      expect(applyEvent(once, event)).toEqual(once)
    }
  })

  it('gathers the metrics of each run by itself', () => {
    const one = applyEvent(empty, { type: 'metrics', run: 'a', points: [point] })
    const two = applyEvent(one, { type: 'metrics', run: 'b', points: [point] })
    const three = applyEvent(two, { type: 'metrics', run: 'a', points: [{ ...point, episode: 200 }] })
    expect(three.metrics['a'].map(({ episode }) => episode)).toEqual([100, 200])
    expect(three.metrics['b']).toHaveLength(1)
  })

  it('gathers predictions of each classification, and forgets them with it', () => {
    const known = applyEvent(empty, { type: 'classification', classification: classification() })
    const one = applyEvent(known, { type: 'predictions', classification: 'look-1', predictions: [prediction()] })
    const two = applyEvent(one, {
      type: 'predictions',
      classification: 'look-1',
      predictions: [prediction({ photo: 1 })],
    })
    expect(two.predictions['look-1'].map(({ photo }) => photo)).toEqual([0, 1])
    const gone = applyEvent(two, { type: 'classification-removed', classification: 'look-1' })
    expect(gone.classifications).toEqual([])
    expect(gone.predictions).toEqual({})
  })

  it('follows a backend from its snapshot on and counts the snapshots', () => {
    const fake = fakeBackend({ datasets: [manifest()] })
    const { state, epoch } = followBackend(fake.backend)
    expect(epoch.value).toBe(1)
    fake.emit({ type: 'dataset', dataset: manifest({ id: 'owls' }) })
    expect(state.value!.datasets.map(({ id }) => id)).toEqual(['birds', 'owls'])
  })
})
