// AssemblyScript, not TypeScript: compiled by scripts/build-kernels.ts.

/**
 * One pass of Adam (METHOD.md section 3) over `count` float32 values, a multiple of 4; all addresses in bytes.
 * The L2 penalty is added to the gradient. `step` is lr / (1 − β1^t), `correction` is 1 / √(1 − β2^t). `rest1` and `rest2`
 * are 1 − β, taken in double precision by the caller: in float32 the difference would lose most of its digits.
 */
export function adam(
  parameters: usize,
  gradients: usize,
  first: usize,
  second: usize,
  count: i32,
  step: f32,
  correction: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  epsilon: f32,
  weightDecay: f32,
): void {
  const decay = f32x4.splat(weightDecay)
  const b1 = f32x4.splat(beta1)
  const c1 = f32x4.splat(rest1)
  const b2 = f32x4.splat(beta2)
  const c2 = f32x4.splat(rest2)
  const correct = f32x4.splat(correction)
  const eps = f32x4.splat(epsilon)
  const rate = f32x4.splat(step)
  const end = (<usize>count) << 2
  for (let at: usize = 0; at < end; at += 16) {
    const p = v128.load(parameters + at)
    const g = f32x4.add(v128.load(gradients + at), f32x4.mul(decay, p))
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + at)), f32x4.mul(c1, g))
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + at)), f32x4.mul(c2, f32x4.mul(g, g)))
    v128.store(first + at, m)
    v128.store(second + at, v)
    const change = f32x4.div(f32x4.mul(rate, m), f32x4.add(f32x4.mul(f32x4.sqrt(v), correct), eps))
    v128.store(parameters + at, f32x4.sub(p, change))
  }
}
