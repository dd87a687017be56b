// AssemblyScript, not TypeScript: compiled by scripts/build-kernels.ts.

/**
 * Everything here is float64, row-major, rows of `n` values; `n` and numbers of rows are multiples of 4, addresses in
 * bytes. Both functions are built of dot products of rows, which are contiguous: nothing has to be packed.
 */

/** A = LLᵀ in place of the lower triangle of A; false where A is not positive definite. */
export function factorise(a: usize, n: i32): bool {
  const stride = <usize>n << 3
  for (let i = 0; i < n; i += 4) {
    const rows = a + <usize>i * stride
    substitute(a, stride, rows, i)
    for (let row: usize = 0; row < 4; row++) {
      const own = rows + row * stride
      for (let column: usize = 0; column <= row; column++) {
        const other = rows + column * stride
        let rest = load<f64>(own + ((<usize>i + column) << 3)) - dot(own, other, i)
        for (let k: usize = <usize>i; k < <usize>i + column; k++) rest -= load<f64>(own + (k << 3)) * load<f64>(other + (k << 3))
        if (column < row) store<f64>(own + ((<usize>i + column) << 3), rest / load<f64>(other + ((<usize>i + column) << 3)))
        else if (rest > 0) store<f64>(own + ((<usize>i + column) << 3), sqrt<f64>(rest))
        else return false
      }
    }
  }
  return true
}

/** Replaces each of `count` rows b by the z of L z = b. */
export function solveLower(l: usize, n: i32, rows: usize, count: i32): void {
  const stride = <usize>n << 3
  for (let i = 0; i < count; i += 4) substitute(l, stride, rows + <usize>i * stride, n)
}

/** Forward substitution of four rows through the first `n` rows of L. */
function substitute(l: usize, stride: usize, rows: usize, n: i32): void {
  for (let j = 0; j < n; j += 2) {
    const first = l + <usize>j * stride
    const second = first + stride
    const at = <usize>j << 3
    let s00 = f64x2.splat(0), s01 = s00, s10 = s00, s11 = s00, s20 = s00, s21 = s00, s30 = s00, s31 = s00
    const r1 = rows + stride, r2 = r1 + stride, r3 = r2 + stride
    for (let k: usize = 0; k < at; k += 16) {
      const x = v128.load(first + k)
      const y = v128.load(second + k)
      const a = v128.load(rows + k)
      s00 = f64x2.add(s00, f64x2.mul(a, x))
      s01 = f64x2.add(s01, f64x2.mul(a, y))
      const b = v128.load(r1 + k)
      s10 = f64x2.add(s10, f64x2.mul(b, x))
      s11 = f64x2.add(s11, f64x2.mul(b, y))
      const c = v128.load(r2 + k)
      s20 = f64x2.add(s20, f64x2.mul(c, x))
      s21 = f64x2.add(s21, f64x2.mul(c, y))
      const d = v128.load(r3 + k)
      s30 = f64x2.add(s30, f64x2.mul(d, x))
      s31 = f64x2.add(s31, f64x2.mul(d, y))
    }
    const pivot = load<f64>(first + at)
    const beside = load<f64>(second + at)
    const next = load<f64>(second + at + 8)
    finish(rows + at, s00, s01, pivot, beside, next)
    finish(r1 + at, s10, s11, pivot, beside, next)
    finish(r2 + at, s20, s21, pivot, beside, next)
    finish(r3 + at, s30, s31, pivot, beside, next)
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function finish(at: usize, first: v128, second: v128, pivot: f64, beside: f64, next: f64): void {
  const z = (load<f64>(at) - total(first)) / pivot
  store<f64>(at, z)
  store<f64>(at + 8, (load<f64>(at + 8) - total(second) - z * beside) / next)
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function total(x: v128): f64 {
  return f64x2.extract_lane(x, 0) + f64x2.extract_lane(x, 1)
}

function dot(x: usize, y: usize, n: i32): f64 {
  let sum = f64x2.splat(0)
  const end = <usize>n << 3
  for (let k: usize = 0; k < end; k += 16) sum = f64x2.add(sum, f64x2.mul(v128.load(x + k), v128.load(y + k)))
  return total(sum)
}
