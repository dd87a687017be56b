import type { BackboneRecipe } from '../../contract/index.ts'

/** How a picture comes to a network's size, for a picture of one size. */
export interface Scaling {
  /** What it is scaled to first, by libvips; null: nothing. */
  readonly reduced: { readonly width: number; readonly height: number } | null
  /** What is cut out of that: no more than the network sees and the filter reaches. */
  readonly cut: { readonly left: number; readonly top: number; readonly width: number; readonly height: number }
  /** The corner of what the network sees, in pixels of what is cut out, and how many of those one of its own takes. */
  readonly view: View
}

interface View {
  readonly left: number
  readonly top: number
  readonly xStep: number
  readonly yStep: number
}

export const cutSlack = 8

type Fit = Pick<BackboneRecipe, 'fit' | 'inputSize' | 'shorterSide'>

/**
 * A large picture is halved first, as often as can be: a JPEG's decoder does that for next to nothing. What is cut out has
 * less than twice the sides of `inputSize`, and at most `cutSlack` pixels.
 */
export function scalingOf(width: number, height: number, fit: Fit): Scaling {
  const view = viewOf(width, height, fit)
  const [outHeight, outWidth] = fit.inputSize
  const across = side(width, view.left, view.xStep, outWidth)
  const down = side(height, view.top, view.yStep, outHeight)
  const whole = across.reduced === width && down.reduced === height
  return {
    reduced: whole ? null : { width: across.reduced, height: down.reduced },
    cut: { left: across.start, top: down.start, width: across.end - across.start, height: down.end - down.start },
    view: { left: across.from, top: down.from, xStep: across.step, yStep: down.step },
  }
}

/** As PyTorch's own preprocessing does it: scaled to whole pixels, cropped at the centre. */
function viewOf(width: number, height: number, { fit, inputSize, shorterSide }: Fit): View {
  const [outHeight, outWidth] = inputSize
  if (fit === 'stretch') return { left: 0, top: 0, xStep: width / outWidth, yStep: height / outHeight }
  // Scaled until the shorter side has its length and the input is covered.
  const [leastWidth, leastHeight] = [Math.max(outWidth, shorterSide ?? 0), Math.max(outHeight, shorterSide ?? 0)]
  const wide = width * leastHeight > height * leastWidth
  const scaledWidth = wide ? Math.floor((width * leastHeight) / height) : leastWidth
  const scaledHeight = wide ? leastHeight : Math.floor((height * leastWidth) / width)
  const [xStep, yStep] = [width / scaledWidth, height / scaledHeight]
  return { left: margin(scaledWidth - outWidth) * xStep, top: margin(scaledHeight - outHeight) * yStep, xStep, yStep }
}

/** Half of what is too much; Python rounds halves to the even number. */
function margin(rest: number): number {
  const lower = Math.floor(rest / 2)
  return lower + (rest % 2) * (lower % 2)
}

function side(length: number, from: number, step: number, count: number) {
  const reduced = step < 2 ? length : Math.floor(length / 2 ** Math.floor(Math.log2(step)))
  const share = reduced / length
  const [first, each] = [from * share, step * share]
  const reach = Math.max(1, each)
  const start = Math.max(0, Math.floor(first - reach))
  const end = Math.min(reduced, Math.ceil(first + count * each + reach))
  return { reduced, start, end, from: first - start, step: each }
}
