// Float16Array is in Node 24 and not in Node 20: half-precision numbers are kept as their 16 bits.

const floats = new Float32Array(1)
const bits = new Uint32Array(floats.buffer)

/** The nearest half-precision number, ties to even; beyond 65,504 infinity. */
export function toHalf(value: number): number {
  floats[0] = value
  const sign = (bits[0] >>> 16) & 0x8000
  const exponent = (bits[0] >>> 23) & 0xff
  const fraction = bits[0] & 0x7fffff
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200)
  // Shifted so that the half's fraction, with its leading one where it has one, is what stays.
  const power = exponent - 127 + 15
  if (power >= 31) return sign | 0x7c00
  const whole = fraction | 0x800000
  const shift = power > 0 ? 13 : 14 - power
  if (shift > 24) return sign
  const kept = whole >>> shift
  const rest = whole - kept * 2 ** shift
  const half = 2 ** (shift - 1)
  const rounded = kept + (rest > half || (rest === half && kept % 2 === 1) ? 1 : 0)
  // A carry out of the fraction raises the exponent by itself; the leading one is taken off for normal numbers.
  return sign | (power > 0 ? (power - 1) * 0x400 + rounded : rounded)
}

/** Its value, exactly. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}
