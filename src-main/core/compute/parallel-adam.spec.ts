import { describe, expect, it } from 'vitest'
import { createParallelAdam, type AdamState } from './parallel-adam.ts'

const scalars = { rate: 0.01, correction: 1.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-4 }

function createState(length: number): AdamState & { readonly values: Float32Array } {
  const pages = Math.ceil((16 * length) / 65_536)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const values = new Float32Array(memory.buffer, 0, 4 * length)
  for (let i = 0; i < values.length; i++)
    values[i] = Math.sin(i) * (i < 3 * length ? 1 : 0) + (i < 3 * length ? 0 : 0.1)
  return { memory, length, values }
}

function stepped(length: number, threads: number, steps: number): Float32Array {
  const state = createState(length)
  const adam = createParallelAdam(state, threads)
  for (let i = 0; i < steps; i++) adam.update(scalars)
  adam.release()
  return state.values
}

describe('Adam over several threads', () => {
  it('is what METHOD.md section 3 says', () => {
    const length = 64
    const { values: before } = createState(length)
    const after = stepped(length, 1, 1)
    for (let i = 0; i < length; i++) {
      const [p, g0, m0, v0] = [0, 1, 2, 3].map((part) => before[part * length + i])
      const g = g0 + scalars.weightDecay * p
      const [m, v] = [0.9 * m0 + 0.1 * g, 0.999 * v0 + 0.001 * g * g]
      expect(after[2 * length + i]).toBeCloseTo(m, 6)
      expect(after[3 * length + i]).toBeCloseTo(v, 6)
      expect(after[i]).toBeCloseTo(p - (0.01 * m) / (Math.sqrt(v) * 1.5 + 1e-8), 6)
    }
  })

  // Neither a whole number of pieces nor fewer pieces than threads.
  it.each([16, 32_768, 32_784, 400_000])('gives the same bits as one thread: %i values', (length) => {
    expect(Buffer.from(stepped(length, 4, 30).buffer).equals(Buffer.from(stepped(length, 1, 30).buffer))).toBe(true)
  })
})
