import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { BackboneRecipe } from '../../contract/index.ts'
import { decodeFor } from './decode.ts'
import { createInputTensor } from './input-tensor.ts'
import { cutSlack, scalingOf } from './scaling.ts'
import { averagesRecipe } from './testing/models.ts'

type Colour = readonly [number, number, number]

function picture(width: number, height: number, colour: (x: number, y: number) => Colour) {
  const data = new Uint8Array(width * height * 3)
  for (let at = 0; at < width * height; at++) data.set(colour(at % width, Math.floor(at / width)), at * 3)
  return sharp(data, { raw: { width, height, channels: 3 } })
}

const seenRecipe = (change: Partial<BackboneRecipe>): BackboneRecipe => ({
  ...averagesRecipe,
  inputType: 'uint8',
  layout: 'NHWC',
  ...change,
})

/** RGB that a network sees. */
async function seen(bytes: Uint8Array, recipe: BackboneRecipe): Promise<number[]> {
  const { values, write } = createInputTensor(recipe, 1)
  write(await decodeFor(bytes, recipe), 0)
  return [...values]
}

/** Weights of a row's pixels in pixel `at` of the scaled row: the definition, in double precision. */
function triangle(length: number, scaled: number, at: number): number[] {
  const step = length / scaled
  const reach = Math.max(1, step)
  const centre = (at + 0.5) * step
  const weights = Array.from({ length }, (_, i) => Math.max(0, 1 - Math.abs(i + 0.5 - centre) / reach))
  const sum = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / sum)
}

describe('a photo at a network’s size', () => {
  it.each([
    [31, 23, 20, 14, 16],
    [9, 30, 5, 17, 9],
    [13, 11, 6, 6, 30],
    [40, 21, 12, 20, 21],
  ])('of %i × %i is what the triangle filter makes of it, cropped to %i × %i', async (width, height, W, H, shorter) => {
    const colour = (x: number, y: number): Colour => [(x * 37 + y * 11) % 256, (x * x * 7) % 256, (y * 53) % 256]
    const bytes = await picture(width, height, colour).png().toBuffer()
    const values = await seen(bytes, seenRecipe({ inputSize: [H, W], shorterSide: shorter }))
    const least = [Math.max(W, shorter), Math.max(H, shorter)]
    const scale = Math.max(least[0] / width, least[1] / height)
    const [scaledWidth, scaledHeight] = [Math.floor(width * scale + 1e-9), Math.floor(height * scale + 1e-9)]
    const [left, top] = [(scaledWidth - W) / 2, (scaledHeight - H) / 2].map((half) =>
      Number.isInteger(half) ? half : 2 * Math.round(half / 2),
    )
    for (let y = 0; y < H; y++) {
      const rows = triangle(height, scaledHeight, y + top)
      for (let x = 0; x < W; x++) {
        const columns = triangle(width, scaledWidth, x + left)
        for (let channel = 0; channel < 3; channel++) {
          let expected = 0
          rows.forEach((row, i) => columns.forEach((column, j) => (expected += row * column * colour(j, i)[channel])))
          expect(Math.abs(values[(y * W + x) * 3 + channel] - expected)).toBeLessThan(0.51)
        }
      }
    }
  })

  it.each(['jpeg', 'png'] as const)(
    'is in its place where a %s is so large that it is halved first',
    async (format) => {
      // Red grows to the right and green downwards, and where they end tells what was cropped.
      const bytes = await picture(1203, 801, (x, y) => [x / 5, y / 5, 90])
        .toFormat(format, { quality: 100 })
        .toBuffer()
      const values = await seen(bytes, seenRecipe({ inputSize: [80, 80], shorterSide: 100 }))
      const step = 801 / 100
      for (const [x, y] of [
        [0, 0],
        [79, 0],
        [0, 79],
        [40, 40],
        [79, 79],
      ]) {
        // prettier-ignore
        const [red, green, blue] = values.slice((y * 80 + x) * 3)
        expect(Math.abs(red - ((35 + x + 0.5) * step) / 5)).toBeLessThan(2)
        expect(Math.abs(green - ((10 + y + 0.5) * step) / 5)).toBeLessThan(2)
        expect(Math.abs(blue - 90)).toBeLessThan(2)
      }
    },
  )

  it('is upright before it is cropped', async () => {
    // Stored lying, to be turned a quarter to the right: its left is its top then.
    const bytes = await picture(64, 16, (x) => [4 * x, 0, 0])
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 100 })
      .toBuffer()
    const values = await seen(bytes, seenRecipe({ inputSize: [8, 8] }))
    expect(values[0]).toBeLessThan(values[7 * 8 * 3] - 20)
    expect(Math.abs(values[0] - values[7 * 3])).toBeLessThan(8)
    expect(Math.abs(values[0] + values[7 * 8 * 3] - 252)).toBeLessThan(12)
  })

  it('is cut to what the network sees, whatever the sizes', () => {
    const side = fc.integer({ min: 1, max: 60_000 })
    const input = fc.integer({ min: 1, max: 700 })
    const fit = fc.record({
      fit: fc.constantFrom('cover' as const, 'stretch' as const),
      inputSize: fc.tuple(input, input),
      shorterSide: fc.option(fc.integer({ min: 1, max: 900 })),
    })
    fc.assert(
      fc.property(side, side, fit, (width, height, recipe) => {
        const { reduced, cut, view } = scalingOf(width, height, recipe)
        const whole = reduced ?? { width, height }
        expect(cut.left).toBeGreaterThanOrEqual(0)
        expect(cut.top).toBeGreaterThanOrEqual(0)
        expect(cut.left + cut.width).toBeLessThanOrEqual(whole.width)
        expect(cut.top + cut.height).toBeLessThanOrEqual(whole.height)
        const [outHeight, outWidth] = recipe.inputSize
        expect(cut.width).toBeLessThanOrEqual(2 * outWidth + cutSlack)
        expect(cut.height).toBeLessThanOrEqual(2 * outHeight + cutSlack)
        // What is seen lies in it, but for rounding.
        expect(view.left).toBeGreaterThanOrEqual(-1e-6)
        expect(view.left + outWidth * view.xStep).toBeLessThanOrEqual(cut.width + 1e-6)
        expect(view.top + outHeight * view.yStep).toBeLessThanOrEqual(cut.height + 1e-6)
      }),
    )
  })
})
