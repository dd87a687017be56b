import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../random.ts'
import { ridgeSolver, transposed } from './linear-algebra.ts'

/** A Gram matrix of rank `rank`, n×n. */
function gramOf(n: number, rank: number, seed: number): Float64Array {
  const random = createRandom(seed)
  const x = Float64Array.from({ length: n * rank }, () => random.uniform() - 0.5)
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    let sum = 0
    for (let k = 0; k < rank; k++) sum += x[i * rank + k] * x[j * rank + k]
    return sum
  })
}

describe('the ridge solver', () => {
  it('solves (G + ridge · I) X = B, for sizes on and off the width of the kernel and several ridges', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 41 }), fc.integer({ min: 1, max: 9 }), fc.nat(), (n, count, seed) => {
        const gram = gramOf(n, Math.ceil(n / 2), seed)
        const random = createRandom(seed).fork('right')
        const right = Float64Array.from({ length: count * n }, () => random.uniform() - 0.5)
        const solver = ridgeSolver(gram, right, n)
        for (const ridge of [1, 1e-3, 10]) {
          const solved = solver.solve(ridge)
          for (let row = 0; row < count; row++) {
            for (let i = 0; i < n; i++) {
              let product = ridge * solved[row * n + i]
              for (let k = 0; k < n; k++) product += gram[i * n + k] * solved[row * n + k]
              expect(Math.abs(product - right[row * n + i])).toBeLessThan(1e-9)
            }
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  it('says so where the matrix is not positive definite', () => {
    const solver = ridgeSolver(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1), 2)
    expect(() => solver.solve(0)).toThrow(expect.objectContaining({ code: 'compute/not-positive-definite' }) as Error)
    expect([...solver.solve(3)]).toEqual([expect.closeTo(1 / 6, 12), expect.closeTo(1 / 6, 12)])
    expect(() => ridgeSolver(Float64Array.of(NaN), Float64Array.of(1), 1).solve(1)).toThrow(/positive definite/)
  })
})

it('transposes', () => {
  expect(transposed(Float32Array.of(1, 2, 3, 4, 5, 6), 3)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6))
})
