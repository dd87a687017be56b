import { expect, it } from 'vitest'
import { gaussLegendre } from './integrate.ts'

it.each([1, 2, 5, 32, 128])('a Gauss–Legendre rule of %d points is exact for polynomials', (n) => {
  for (let degree = 0; degree < 2 * n; degree++) {
    const integral = gaussLegendre(n).reduce((sum, { at, weight }) => sum + weight * at ** degree, 0)
    expect(integral).toBeCloseTo(1 / (degree + 1), 12)
  }
})
