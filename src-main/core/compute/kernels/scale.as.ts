// AssemblyScript, not TypeScript: compiled by scripts/build-kernels.ts.

/**
 * Scales an 8-bit RGB picture with the triangle filter (as Pillow's and PyTorch's “bilinear, antialiased”), and writes
 * `outWidth`×`outHeight` of it as elements of one, two or four bytes: what `tables` (256 elements for each of red, green
 * and blue) make of 8-bit values. `left`, `top`: the corner of what is written, in pixels of the source; `xStep`, `yStep`:
 * pixels of the source for one that is written. `outRed`, `outGreen`, `outBlue`: where the first pixel's elements go, those
 * of the next pixel `outStep` bytes on. All addresses in bytes; 16 bytes behind the source may be read. `work` has
 * `workBytes` bytes.
 */
export function scale(
  elementBytes: i32,
  tables: usize,
  source: usize,
  width: i32,
  height: i32,
  left: f64,
  top: f64,
  xStep: f64,
  yStep: f64,
  outRed: usize,
  outGreen: usize,
  outBlue: usize,
  outStep: usize,
  outWidth: i32,
  outHeight: i32,
  work: usize,
): void {
  const stride = <usize>width * 3
  const taps = tapsOf(xStep)
  const tap = (1 + taps) << 2
  // For each column of the result: the first column it is made of, and weights, those beyond the picture 0.
  const columns = work
  for (let x = 0; x < outWidth; x++) weigh(columns + <usize>x * tap, taps, left, xStep, x, width)
  const rowTaps = tapsOf(yStep)
  const rows = columns + <usize>outWidth * tap
  // A row of the source's width, scaled in height only.
  const line = (rows + ((1 + rowTaps) << 2) + 15) & ~15
  const lineStart = (<usize>load<u32>(columns) * 3) & ~15
  const lineEnd = min((<usize>load<u32>(columns + <usize>(outWidth - 1) * tap) + taps) * 3, stride)
  // Weights of 0 meet what lies behind the line: it must be a number.
  const written = (lineEnd + 15) & ~15
  memory.fill(line + (written << 2), 0, (taps * 3 + 16) << 2)

  for (let y = 0; y < outHeight; y++) {
    weigh(rows, rowTaps, top, yStep, y, height)
    const first = source + <usize>load<u32>(rows) * stride
    const rowCount = min(<i32>rowTaps, height - load<i32>(rows))
    for (let at = lineStart; at < lineEnd; at += 16) {
      let a = f32x4.splat(0), b = a, c = a, d = a
      let from = first + at
      for (let i = 0; i < rowCount; i++) {
        const weight = v128.load32_splat(rows + 4 + (<usize>i << 2))
        const pixels = v128.load(from)
        const low = i16x8.extend_low_i8x16_u(pixels)
        const high = i16x8.extend_high_i8x16_u(pixels)
        a = f32x4.add(a, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(low))))
        b = f32x4.add(b, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(low))))
        c = f32x4.add(c, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(high))))
        d = f32x4.add(d, f32x4.mul(weight, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(high))))
        from += stride
      }
      const to = line + (at << 2)
      v128.store(to, a)
      v128.store(to + 16, b)
      v128.store(to + 32, c)
      v128.store(to + 48, d)
    }
    const to = <usize>(y * outWidth) * outStep
    if (elementBytes === 4) {
      narrow<u32>(line, columns, taps, outWidth, tables, outRed + to, outGreen + to, outBlue + to, outStep)
    } else if (elementBytes === 2) {
      narrow<u16>(line, columns, taps, outWidth, tables, outRed + to, outGreen + to, outBlue + to, outStep)
    } else narrow<u8>(line, columns, taps, outWidth, tables, outRed + to, outGreen + to, outBlue + to, outStep)
  }
}

/** Scales one line in width, and writes what the tables make of it. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function narrow<Element>(
  line: usize,
  columns: usize,
  taps: usize,
  outWidth: i32,
  tables: usize,
  red: usize,
  green: usize,
  blue: usize,
  step: usize,
): void {
  const size = sizeof<Element>()
  let column = columns
  for (let x = 0; x < outWidth; x++) {
    let sum = f32x4.splat(0.5)
    let from = line + <usize>load<u32>(column) * 12
    column += 4
    for (const end = column + (taps << 2); column < end; column += 4) {
      sum = f32x4.add(sum, f32x4.mul(v128.load32_splat(column), v128.load(from)))
      from += 12
    }
    const pixel = i32x4.trunc_sat_f32x4_u(sum)
    store<Element>(red, load<Element>(tables + <usize>i32x4.extract_lane(pixel, 0) * size))
    store<Element>(green, load<Element>(tables + (256 + <usize>i32x4.extract_lane(pixel, 1)) * size))
    store<Element>(blue, load<Element>(tables + (512 + <usize>i32x4.extract_lane(pixel, 2)) * size))
    red += step
    green += step
    blue += step
  }
}

/** What `work` takes. */
export function workBytes(width: i32, xStep: f64, yStep: f64, outWidth: i32): usize {
  const taps = tapsOf(xStep)
  return (((1 + taps) * <usize>outWidth + 1 + tapsOf(yStep)) << 2) + (((<usize>width + taps) * 3 + 32) << 2) + 16
}

/** Pixels under the filter: it is as wide as two of the larger pixels. */
function tapsOf(step: f64): usize {
  return <usize>ceil(2 * max(step, 1))
}

/** Writes the first pixel and the weights (of sum 1) of pixel `at` of the result. */
function weigh(to: usize, taps: usize, from: f64, step: f64, at: i32, length: i32): void {
  const reach = max(step, 1)
  const centre = from + (<f64>at + 0.5) * step
  const first = max(0, <i32>ceil(centre - reach - 0.5))
  store<i32>(to, first)
  let sum: f64 = 0
  for (let i: usize = 0; i < taps; i++) {
    const pixel = first + <i32>i
    const weight = pixel < length ? max(0, 1 - abs(<f64>pixel + 0.5 - centre) / reach) : 0
    store<f32>(to + 4 + (i << 2), <f32>weight)
    sum += weight
  }
  for (let i: usize = 4; i <= taps << 2; i += 4) store<f32>(to + i, load<f32>(to + i) / <f32>sum)
}
