import type { BackboneRecipe } from '../../contract/index.ts'
import { scale as kernel } from '../compute/kernels/generated.ts'
import { toHalf } from './half.ts'
import { cutSlack, type Scaling } from './scaling.ts'

/** A photo that is decoded, and cut to little more than a network sees of it. */
export interface DecodedPhoto {
  /** 8-bit RGB, height × width × 3, of `scaling.cut`. */
  readonly pixels: Uint8Array
  readonly scaling: Scaling
}

/** What a network is fed with; half-precision numbers as their bits. */
export type InputValues = Float32Array | Uint16Array | Uint8Array

export interface InputTensor {
  /** Of all its images; zeros where none was written. */
  readonly values: InputValues
  /** Writes one photo as image `at`: scaled, and with the values that the recipe gives its pixels. */
  readonly write: (photo: DecodedPhoto, at: number) => void
}

interface Kernel {
  readonly workBytes: (width: number, xStep: number, yStep: number, outWidth: number) => number
  readonly scale: (
    elementBytes: number,
    tables: number,
    source: number,
    width: number,
    height: number,
    left: number,
    top: number,
    xStep: number,
    yStep: number,
    outRed: number,
    outGreen: number,
    outBlue: number,
    outStep: number,
    outWidth: number,
    outHeight: number,
    work: number,
  ) => void
}

const wasmPage = 65_536
const register = 16 // bytes
const elements = { float32: Float32Array, float16: Uint16Array, uint8: Uint8Array } as const

/**
 * A tensor for so many images, in the memory of the kernel that fills it. It has the triangle filter, which most networks
 * saw in training; libvips has that too and takes several times as long.
 */
export function createInputTensor(recipe: BackboneRecipe, images: number): InputTensor {
  const { inputSize, inputType, layout, channels } = recipe
  const [outHeight, outWidth] = inputSize
  const Elements = elements[inputType]
  const size = Elements.BYTES_PER_ELEMENT
  const imageValues = outHeight * outWidth * 3
  const [mostWidth, mostHeight] = [2 * outWidth + cutSlack, 2 * outHeight + cutSlack]

  // The first page is AssemblyScript's own. What the work takes only the kernel knows, which wants its memory first.
  const tables = wasmPage
  const out = tables + 3 * 256 * size
  const source = padded(out + images * imageValues * size)
  const work = padded(source + mostWidth * mostHeight * 3 + register)
  const memory = new WebAssembly.Memory({ initial: Math.ceil(work / wasmPage) })
  const module = new WebAssembly.Module(Buffer.from(kernel, 'base64'))
  const { scale, workBytes } = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernel
  memory.grow(Math.ceil(workBytes(mostWidth, 2, 2, outWidth) / wasmPage))

  // Colours are decoded as RGB; the recipe's numbers are in the order of the network's channels.
  const colours = channels === 'RGB' ? [0, 1, 2] : [2, 1, 0]
  const byChannel = valueTables(recipe)
  const tablesByColour = new Elements(memory.buffer, tables, 3 * 256)
  colours.forEach((channel, colour) => tablesByColour.set(byChannel[channel], colour * 256))
  const [pixelStep, plane] = layout === 'NCHW' ? [size, (imageValues / 3) * size] : [3 * size, size]
  const sourceBytes = new Uint8Array(memory.buffer, source, mostWidth * mostHeight * 3)

  return {
    values: new Elements(memory.buffer, out, images * imageValues),
    write({ pixels, scaling: { cut, view } }, at) {
      const { left, top, xStep, yStep } = view
      const { width, height } = cut
      if (pixels.length !== width * height * 3)
        throw new Error(`${pixels.length} values of ${width} × ${height} pixels.`)
      sourceBytes.set(pixels)
      const image = out + at * imageValues * size
      const [red, green, blue] = colours.map((channel) => image + channel * plane)
      // prettier-ignore
      scale(
        size, tables, source, width, height, left, top, xStep, yStep,
        red, green, blue, pixelStep, outWidth, outHeight, work,
      )
    },
  }
}

const padded = (bytes: number): number => Math.ceil(bytes / register) * register

/** A pixel has 256 values: what each becomes in each of the network's channels, worked out once and in double precision. */
function valueTables({ inputType, scale, offset, mean, std }: BackboneRecipe): InputValues[] {
  return mean.map((average, channel) => {
    const values = Array.from({ length: 256 }, (_, pixel) => (pixel * scale + offset - average) / std[channel])
    if (inputType === 'float32') return Float32Array.from(values)
    if (inputType === 'float16') return Uint16Array.from(values, toHalf)
    return Uint8Array.from(Uint8ClampedArray.from(values)) // clamped and rounded first
  })
}
