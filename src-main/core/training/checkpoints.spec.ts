import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepingState, readCheckpoints, removeCheckpoints } from './checkpoints.ts'
import type { PhaseState } from './phase.ts'

let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'unseen-checkpoints-'))))
afterEach(async () => {
  vi.useRealTimers()
  await rm(folder, { recursive: true })
})

const phase = (index: number) => ({ index, count: 3, kind: 'hold-out' }) as const
const outcome: NonNullable<PhaseState['outcome']> = {
  ...{ T1: 50, gamma: 1, deviation: 2, curve: [{ gamma: null, U: 0, S: 1 }] },
  ...{ confidence: null, classes: [], firstPhotos: null },
}
const tensor = (value: number) => ({ weight: { data: Float32Array.of(value), shape: [1] } })
const state = (step: number): PhaseState => ({
  random: [1, 2, 3, 4],
  trainer: { step, parameters: tensor(step), firstMoments: tensor(0.1), secondMoments: tensor(0.2) },
  outcome: null,
})
const over: PhaseState = { random: [5, 6, 7, 8], trainer: null, outcome }

describe('checkpoints', () => {
  it('keep every phase by itself, at intervals and at its end', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] })
    const since = Date.now() - 60_000
    const [first, second] = [1, 2].map((index) => keepingState({ folder, since }, phase(index), 15_000))
    let asked = 0
    const ask = (given: PhaseState) => () => {
      asked += 1
      return Promise.resolve(given)
    }
    vi.advanceTimersByTime(14_000)
    await second(ask(state(25)), false)
    expect(asked).toBe(0) // so soon after the beginning nothing would be lost
    vi.advanceTimersByTime(1000)
    await second(ask(state(50)), false)
    await first(ask(over), true)

    const { from, spent } = await readCheckpoints(folder)
    expect(from).toEqual(
      new Map([
        [1, over],
        [2, state(50)],
      ]),
    )
    expect(spent).toBe(75_000)
    await removeCheckpoints(folder)
    expect(await readdir(folder)).toEqual([])
    expect((await readCheckpoints(folder)).from.size).toBe(0)
  })

  it('that are damaged, or of an earlier version, are told as such', async () => {
    await keepingState({ folder, since: 0 }, phase(1))(() => Promise.resolve(state(1)), true)
    await writeFile(join(folder, 'checkpoints', 'phase-1.safetensors'), 'cut')
    await expect(readCheckpoints(folder)).rejects.toMatchObject({ code: 'safetensors/damaged' })
    await writeFile(join(folder, 'checkpoint.safetensors'), '')
    await expect(readCheckpoints(folder)).rejects.toMatchObject({ code: 'run/checkpoint-outdated' })
  })
})
