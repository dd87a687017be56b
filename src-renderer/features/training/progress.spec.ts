import { describe, expect, it } from 'vitest'
import { presets, type MetricPoint } from '../../../src-main/contract/index.ts'
import { result, summary } from '../../testing/fake-backend.ts'
import { curvePoints, harmonic } from '../../ui/seen-unseen.ts'
import { isoHarmonic } from './curve.ts'
import { differences, knobs, override, parseKnob, written } from './knobs.ts'
import { phasesLabel } from './phase-label.ts'
import {
  classesPerStep,
  compareHeldOut,
  graphHealth,
  heldOutEstimate,
  mergePoints,
  newestFirst,
  phasesOf,
  underWay,
} from './progress.ts'

const phase = (index: number) => ({ index, count: 4, kind: index < 4 ? 'hold-out' : 'final' }) as const
const heldOut = (index: number, episode: number, H: number): MetricPoint => ({
  type: 'held-out',
  phase: phase(index),
  episode,
  T1: H,
  U: H,
  S: H,
  H,
})

describe('the metrics of a run', () => {
  it('come once each, in order, and the later of two counts', () => {
    const merged = mergePoints([heldOut(1, 100, 10), heldOut(1, 200, 20)], [heldOut(2, 100, 30), heldOut(1, 200, 21)])
    expect(merged.map((point) => [point.phase.index, point.episode, point.type === 'held-out' && point.H])).toEqual([
      [1, 100, 10],
      [1, 200, 21],
      [2, 100, 30],
    ])
    expect(phasesOf(merged).map(({ index }) => index)).toEqual([1, 2])
  })

  it('are put together from the last of each hold-out that is through', () => {
    const estimate = (...points: MetricPoint[]) => heldOutEstimate(points, { ...presets.quick, episodes: 200 })
    expect(estimate()).toBeNull()
    expect(estimate(heldOut(1, 100, 10))!.of.H).toEqual({ mean: 10, deviation: null })
    expect(estimate(heldOut(1, 100, 10), heldOut(2, 100, 20))!.of.H).toEqual({ mean: 15, deviation: 5 })
    expect(estimate(heldOut(1, 100, 10), heldOut(2, 200, 20))!.of.H.mean).toBe(20)
    const two = estimate(heldOut(1, 200, 20), heldOut(2, 200, 30), heldOut(3, 100, 5))!
    expect(two.holdOuts).toBe(2)
    expect(two.of.H).toEqual({ mean: 25, deviation: 5 })
  })
})

describe('what is under way', () => {
  const step = (index: number, episode: number): MetricPoint => ({
    ...{ type: 'step', phase: phase(index), episode, classification: 1, consistency: 1 },
    ...{ semanticMeanDegree: 5, visualMeanDegree: 5, episodesPerSecond: 100, secondsLeft: 9 },
  })
  const config = { ...presets.quick, episodes: 400, holdOutEpisodes: 200 }
  const told = (...points: MetricPoint[]) => {
    const now = underWay(points, config)
    return now && [phasesLabel(now.phases), now.done, now.of]
  }

  it('may be several phases at once', () => {
    expect(told()).toBeNull()
    expect(told(step(1, 100))).toEqual(['Hold-out 1 of 3', 100, 200])
    expect(told(step(1, 75), step(1, 100), step(2, 50))).toEqual(['Hold-outs 1 and 2 of 3', 150, 400])
    expect(told(step(1, 200), step(2, 200), step(3, 50), step(4, 50))).toEqual([
      'Hold-out 3 of 3 · Final training',
      100,
      600,
    ])
    expect(told(step(1, 200), step(2, 200))).toEqual(['Hold-out 2 of 3', 200, 200])
  })
})

describe('the health of a category graph', () => {
  it('knows both deaths', () => {
    expect(graphHealth(0.49, 30)).toBe('empty')
    expect(graphHealth(0.5, 30)).toBe('alive')
    expect(graphHealth(5, 30)).toBe('alive')
    expect(graphHealth(0.95 * 29, 30)).toBe('complete')
  })

  it('looks at the classes of a step', () => {
    expect(classesPerStep(presets.quick, 150)).toBe(30)
    expect(classesPerStep(presets.quick, 12)).toBe(12)
    expect(classesPerStep({ ...presets.quick, training: 'batches' }, 150)).toBe(150)
  })
})

describe('which of two runs is better', () => {
  const with_ = (mean: number, deviation: number) =>
    summary({ result: result({ heldOutSpread: { ...result().heldOutSpread, H: { mean, deviation } } }) })

  it('is told by held-out classes, and only beyond their spread', () => {
    expect(compareHeldOut(with_(45, 1), with_(27, 1))).toBe('first')
    expect(compareHeldOut(with_(27, 1), with_(45, 1))).toBe('second')
    expect(compareHeldOut(with_(45, 1), with_(44, 2))).toBe('equal')
    expect(compareHeldOut(with_(45, 1), summary({ result: null }))).toBeNull()
  })
})

describe('the knobs', () => {
  it('say what they accept', () => {
    expect(parseKnob('episodes', '60')).toEqual({ value: 60 })
    expect(parseKnob('learningRate', '5e-4')).toEqual({ value: 0.0005 })
    expect(parseKnob('holdOutEpisodes', '')).toEqual({ value: null })
    expect(parseKnob('edgeRule', 'threshold')).toEqual({ value: 'threshold' })
    expect(parseKnob('sharedAttention', true)).toEqual({ value: true })
    for (const [knob, typed] of [
      ['episodes', ''],
      ['episodes', '1.5'],
      ['episodes', 'many'],
      ['learningRate', '0'],
      ['edgeRule', 'none'],
    ] as const)
      expect(parseKnob(knob, typed)).toHaveProperty('problem')
    expect(parseKnob('edgeDegrees', 'x')).toEqual({ problem: 'A number, more than 0, less than 90.' })
    expect(parseKnob('propagationSteps', '9')).toEqual({ problem: 'A whole number, 0 or more, 8 or less.' })
    expect(written(presets.quick.decayAt)).toBe('0.6667')
  })

  it('take every value of the presets', () => {
    for (const preset of Object.values(presets))
      for (const knob of knobs) {
        const value = preset[knob]
        expect(parseKnob(knob, typeof value === 'boolean' ? value : String(value ?? ''))).toEqual({ value })
      }
  })

  it('remember only what differs from the preset', () => {
    const changed = override({}, 'quick', 'episodes', 60)
    expect(changed).toEqual({ episodes: 60 })
    expect(override(changed, 'quick', 'episodes', presets.quick.episodes)).toEqual({})
    expect(differences({ ...presets.quick, hidden: 64 }, 'quick')).toEqual(['hidden'])
  })
})

describe('the seen–unseen curve', () => {
  it('draws lines on which H is the same', () => {
    for (const [U, S] of isoHarmonic(0.4, 0.6, 0.7)) expect(harmonic(U, S)).toBeCloseTo(0.4, 6)
    expect(isoHarmonic(0.9, 0.6, 0.7)).toEqual([])
    expect(harmonic(0, 0)).toBe(0)
  })

  it('reads its arrays point by point', () => {
    const points = curvePoints({
      U: Float32Array.of(0, 0.5),
      S: Float32Array.of(0.5, 0),
      gamma: Float32Array.of(-1, 1),
    })
    expect(points).toEqual([
      { U: 0, S: 0.5, gamma: -1 },
      { U: 0.5, S: 0, gamma: 1 },
    ])
  })
})

describe('a list of runs', () => {
  it('has the newest first, and each baseline below its own run, though it started later', () => {
    const at = (minute: number): string => `2026-03-01T10:0${minute}:00.000Z`
    const runs = [
      summary({ id: 'old', startedAt: at(1), baseline: 'beside' }),
      summary({ id: 'beside', method: 'eszsl', startedAt: at(2) }),
      summary({ id: 'new', startedAt: at(3) }),
    ]
    expect(newestFirst(runs).map(({ id }) => id)).toEqual(['new', 'old', 'beside'])
  })
})
