import { existsSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { decodeFor } from './decode.ts'
import { createInputTensor } from './input-tensor.ts'
import { openNetwork } from './network.ts'
import { readOnnxFile } from './onnx-file/index.ts'
import { suggest } from './suggest.ts'
import reference from './testing/reference-features.json' with { type: 'json' }

const shared = join(import.meta.dirname, '../../../../shared/models')
const side = 224

/** The pictures of tests/reference/onnx_features.py. */
function drawnPicture(which: number): Promise<Buffer> {
  const pixels = new Uint8Array(side * side * 3)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const chequer = ((Math.floor(x / 28) + Math.floor(y / 28)) % 2) * 180
      pixels.set(
        [
          (x * (which + 1) + y * 2 + Math.floor((x * y) / 64)) % 256,
          (Math.floor((x * x) / 128) + y * (which + 2)) % 256,
          chequer + ((x + y + which * 31) % 64),
        ],
        (y * side + x) * 3,
      )
    }
  }
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()
}

describe.skipIf(!existsSync(shared))(
  'published networks give the features of Python’s onnxruntime (skipped where ../shared/models is absent)',
  () => {
    it.each(['mobilenetv2-imagenet', 'squeezenet-fp16-bgr'] as const)('%s, as it is suggested', async (name) => {
      const model = join(shared, `${name}.onnx`)
      const { recipe } = suggest(await readOnnxFile(model), name)
      const network = await openNetwork(model, recipe, ['cpu'])
      try {
        for (const [which, expected] of reference[name].entries()) {
          const images = recipe.batch ?? 2
          const input = createInputTensor(recipe, images)
          input.write(await decodeFor(await drawnPicture(which), recipe), images - 1)
          const features = (await network.run(input.values, images)).subarray((images - 1) * network.dimension)
          expect(features.length).toBe(expected.dimension)
          const tolerance = 1e-3 * expected.largest
          expected.values.forEach((value, at) => {
            expect(Math.abs(features[at * expected.every] - value)).toBeLessThan(tolerance)
          })
          expect(Math.abs(Math.hypot(...features) - expected.norm)).toBeLessThan(1e-3 * expected.norm)
        }
      } finally {
        await network.release()
      }
    })
  },
)
