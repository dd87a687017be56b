import sharp from 'sharp'
import type { BackboneRecipe } from '../../contract/index.ts'
import { decodeFor } from './decode.ts'
import { wrongOutput } from './errors.ts'
import { createInputTensor } from './input-tensor.ts'
import { openNetwork } from './network.ts'

/**
 * Runs a network on two generated pictures, on the processor. @returns D, as measured.
 * @throws AppError `backbone/…` where the result cannot be features.
 */
export async function tryNetwork(model: string, recipe: BackboneRecipe): Promise<number> {
  const network = await openNetwork(model, recipe, ['cpu'])
  try {
    // Two at a time where it may be any number: a network can say so and then be made for one.
    const images = recipe.batch ?? 2
    const input = createInputTensor(recipe, images)
    const featuresOf = async (picture: Uint8Array): Promise<Float32Array> => {
      const photo = await decodeFor(picture, recipe)
      for (let at = 0; at < images; at++) input.write(photo, at)
      const features = (await network.run(input.values, images)).subarray(0, network.dimension)
      if (!features.every(Number.isFinite)) throw wrongOutput('not all of it are finite numbers')
      return features
    }
    const one = await featuresOf(await picture((x, y) => [x, y, 255 - x]))
    const other = await featuresOf(await picture((x, y) => (isDark(x, y) ? [220, 60, 30] : [20, 90, 200])))
    if (one.every((value, at) => value === other[at])) throw wrongOutput('it is the same for every picture')
    return network.dimension
  } finally {
    await network.release()
  }
}

/** Of a chequerboard. */
const isDark = (x: number, y: number): boolean => ((x >> 4) + (y >> 4)) % 2 === 0

function picture(colour: (x: number, y: number) => readonly [number, number, number]): Promise<Uint8Array> {
  const side = 256
  const pixels = new Uint8Array(side * side * 3)
  for (let at = 0; at < side * side; at++) pixels.set(colour(at % side, Math.floor(at / side)), at * 3)
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}
