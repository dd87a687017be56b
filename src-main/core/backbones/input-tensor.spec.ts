import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { BackboneRecipe } from '../../contract/index.ts'
import { toHalf } from './half.ts'
import { decodeFor } from './decode.ts'
import { createInputTensor, type InputValues } from './input-tensor.ts'
import { averagesRecipe } from './testing/models.ts'

type Colour = readonly [number, number, number]

const png = (width: number, height: number, colour: (x: number, y: number) => Colour): Promise<Buffer> => {
  const pixels = Buffer.alloc(width * height * 3)
  for (let at = 0; at < width * height; at++) pixels.set(colour(at % width, Math.floor(at / width)), at * 3)
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
}

async function valuesOf(picture: Uint8Array, change: Partial<BackboneRecipe>): Promise<InputValues> {
  const recipe = { ...averagesRecipe, ...change }
  const { values, write } = createInputTensor(recipe, 2)
  write(await decodeFor(picture, recipe), 1)
  expect(values.subarray(0, values.length / 2).every((value) => value === 0)).toBe(true)
  return values.slice(values.length / 2)
}

describe('a photo as a network’s input', () => {
  const two = png(2, 1, (x) => [10 * x + 1, 10 * x + 2, 10 * x + 3])
  const size = { inputSize: [1, 2] as [number, number] }

  it('is planes or pixels, RGB or BGR', async () => {
    expect([...(await valuesOf(await two, size))]).toEqual([1, 11, 2, 12, 3, 13])
    expect([...(await valuesOf(await two, { ...size, channels: 'BGR' }))]).toEqual([3, 13, 2, 12, 1, 11])
    expect([...(await valuesOf(await two, { ...size, layout: 'NHWC' }))]).toEqual([1, 2, 3, 11, 12, 13])
    expect([...(await valuesOf(await two, { ...size, layout: 'NHWC', channels: 'BGR' }))]).toEqual([
      3, 2, 1, 13, 12, 11,
    ])
  })

  it('has scale, offset, mean and deviation of each channel, in the order of the network’s channels', async () => {
    const recipe = { ...size, channels: 'BGR', scale: 2, offset: 1, mean: [1, 2, 3], std: [1, 2, 4] } as const
    const values = await valuesOf(await two, { ...recipe, mean: [1, 2, 3], std: [1, 2, 4] })
    expect([...values]).toEqual([6, 26, 1.5, 11.5, 0, 5])
  })

  it('is half-precision or whole numbers where the network takes those', async () => {
    const half = await valuesOf(await two, { ...size, inputType: 'float16', scale: 1 / 255 })
    expect(half).toBeInstanceOf(Uint16Array)
    expect([...half]).toEqual([1, 11, 2, 12, 3, 13].map((value) => toHalf(value / 255)))
    const whole = await valuesOf(await two, { ...size, inputType: 'uint8', scale: 30.1, offset: -31 })
    expect([...whole]).toEqual([0, 255, 29, 255, 59, 255])
  })

  it('of the network’s size is not touched, and a larger one keeps its middle', async () => {
    const square = await valuesOf(await png(4, 4, (x, y) => [x, y, 7]), {})
    expect([...square.subarray(0, 4)]).toEqual([0, 1, 2, 3])
    const wide = await valuesOf(await png(12, 4, (x, y) => [x, y, 7]), {})
    expect([...wide.subarray(0, 4)]).toEqual([4, 5, 6, 7])
    const high = await valuesOf(await png(4, 12, (x, y) => [x, y, 7]), {})
    expect([16, 20, 24, 28].map((at) => high[at])).toEqual([4, 5, 6, 7])
  })

  it('is cropped from the middle where its shorter side is to be longer than the network’s', async () => {
    const values = await valuesOf(await png(8, 8, (x, y) => [x, y, 7]), { shorterSide: 8 })
    expect([...values.subarray(0, 4)]).toEqual([2, 3, 4, 5])
    expect(values[16]).toBe(2)
    const wide = await valuesOf(await png(16, 8, (x, y) => [x, y, 7]), { shorterSide: 8 })
    expect([...wide.subarray(0, 4)]).toEqual([6, 7, 8, 9])
    // One that is shorter than the input would leave gaps.
    const small = await valuesOf(await png(4, 4, (x, y) => [x, y, 7]), { shorterSide: 2 })
    expect([...small.subarray(0, 4)]).toEqual([0, 1, 2, 3])
  })

  it('is squeezed where the recipe says so', async () => {
    const values = await valuesOf(await png(16, 4, (x) => [x < 8 ? 0 : 255, 0, 0]), { fit: 'stretch' })
    expect([values[0], values[3]]).toEqual([0, 255])
  })

  it('may be as long as it likes', async () => {
    const line = await png(20_000, 1, (x) => [x % 256, 0, 0])
    expect((await valuesOf(line, { inputSize: [224, 224] })).length).toBe(3 * 224 * 224)
    expect((await valuesOf(line, { inputSize: [224, 224], fit: 'stretch' })).length).toBe(3 * 224 * 224)
  })
})
