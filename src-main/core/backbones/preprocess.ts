import type { BackboneRecipe } from '../../contract/index.ts'
import { decodePhoto, type PhotoSource } from '../photos/index.ts'
import { toHalf } from './half.ts'

/** 8-bit RGB, height × width × 3: a photo at the network's size. */
export type Pixels = Uint8Array

/** What a network is fed with; half-precision numbers as their bits. */
export type InputValues = Float32Array | Uint16Array | Uint8Array

/** How a recipe makes a network's input of photos. */
export interface Preprocessing {
  /** @throws AppError `photo/…`. */
  readonly decode: (photo: PhotoSource) => Promise<Pixels>
  /** A tensor for so many images, all zeros. */
  readonly allocate: (images: number) => InputValues
  /** Writes one photo as image `at` of a tensor. */
  readonly write: (pixels: Pixels, values: InputValues, at: number) => void
}

export function preprocessing(recipe: BackboneRecipe): Preprocessing {
  const { inputSize, inputType, layout, channels, fit } = recipe
  const [height, width] = inputSize
  const area = height * width
  const tables = valueTables(recipe)
  // Where the colours stand in a pixel as it is decoded.
  const source = channels === 'RGB' ? [0, 1, 2] : [2, 1, 0]

  return {
    decode: (photo) =>
      decodePhoto(photo, (picture) => {
        // The triangle filter is what most networks saw in training; no sharper one makes better features.
        if (fit === 'stretch') {
          return picture.resize({ width, height, fit: 'fill', kernel: 'linear' }).raw().toBuffer()
        }
        // A centre crop of a centre crop is one: scaled until the shorter side has its length and the input is covered.
        const shorter = recipe.shorterSide ?? 0
        const [coverWidth, coverHeight] = [Math.max(width, shorter), Math.max(height, shorter)]
        const covered = picture.resize({ width: coverWidth, height: coverHeight, fit: 'cover', kernel: 'linear' })
        const [left, top] = [Math.floor((coverWidth - width) / 2), Math.floor((coverHeight - height) / 2)]
        const cropped = shorter > 0 ? covered.extract({ left, top, width, height }) : covered
        return cropped.raw().toBuffer()
      }),

    allocate(images) {
      const length = images * area * 3
      if (inputType === 'float32') return new Float32Array(length)
      return inputType === 'float16' ? new Uint16Array(length) : new Uint8Array(length)
    },

    write(pixels, values, at) {
      if (pixels.length !== area * 3) throw new Error(`A photo of ${pixels.length} values for ${area * 3}.`)
      const [step, plane] = layout === 'NCHW' ? [1, area] : [3, 1]
      for (let channel = 0; channel < 3; channel++) {
        const table = tables[channel]
        let to = at * area * 3 + channel * plane
        for (let from = source[channel]; from < pixels.length; from += 3, to += step) values[to] = table[pixels[from]]
      }
    },
  }
}

/** A pixel has 256 values: what each becomes in each of the network's channels, worked out once and in double precision. */
function valueTables({ inputType, scale, offset, mean, std }: BackboneRecipe): InputValues[] {
  return mean.map((average, channel) => {
    const values = Array.from({ length: 256 }, (_, pixel) => (pixel * scale + offset - average) / std[channel])
    if (inputType === 'float32') return Float32Array.from(values)
    if (inputType === 'float16') return Uint16Array.from(values, toHalf)
    return Uint8Array.from(Uint8ClampedArray.from(values)) // clamped and rounded first
  })
}
