/** Places and weights of a Gauss–Legendre rule on 0 to 1: exact for polynomials up to degree 2n − 1. */
export function gaussLegendre(n: number): { readonly at: number; readonly weight: number }[] {
  return Array.from({ length: n }, (_, i) => {
    // Newton's method from Chebyshev's places, which lie near enough.
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    let slope = 0
    for (let round = 0; round < 8; round++) {
      let [value, before] = [1, 0]
      for (let k = 1; k <= n; k++) [value, before] = [((2 * k - 1) * x * value - (k - 1) * before) / k, value]
      slope = (n * (x * value - before)) / (x * x - 1)
      x -= value / slope
    }
    return { at: (1 - x) / 2, weight: 1 / ((1 - x * x) * slope * slope) }
  })
}
