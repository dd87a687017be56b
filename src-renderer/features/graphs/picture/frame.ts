import type { Palette } from './palette.ts'
import type { Emphasis, Scene } from './scene.ts'

/** Where Cytoscape looks from: a pixel is `zoom` times a place, plus `x` or `y`. */
export interface View {
  readonly zoom: number
  readonly x: number
  readonly y: number
}

/** One moment of a picture: the scene as it is seen from somewhere. */
export interface Frame {
  readonly context: CanvasRenderingContext2D
  readonly scene: Scene
  readonly palette: Palette
  readonly emphasis: Emphasis
  readonly width: number
  readonly height: number
  readonly zoom: number
  /** The zoom at which everything is seen. */
  readonly fit: number
  /** Classes on the screen, px. */
  readonly xs: Float32Array
  readonly ys: Float32Array
}

export function frameOf(
  context: CanvasRenderingContext2D,
  scene: Scene,
  palette: Palette,
  emphasis: Emphasis,
  { zoom, x, y }: View,
  size: { readonly width: number; readonly height: number; readonly fit: number },
): Frame {
  const { positions } = scene
  const [xs, ys] = [new Float32Array(positions.length / 2), new Float32Array(positions.length / 2)]
  for (let at = 0; at < xs.length; at++) {
    xs[at] = positions[2 * at] * zoom + x
    ys[at] = positions[2 * at + 1] * zoom + y
  }
  return { context, scene, palette, emphasis, zoom, xs, ys, ...size }
}

/** Whether nothing of a line between two classes can be seen. */
export const outside = ({ width, height, xs, ys }: Frame, a: number, b: number): boolean =>
  (xs[a] < 0 && xs[b] < 0) ||
  (ys[a] < 0 && ys[b] < 0) ||
  (xs[a] > width && xs[b] > width) ||
  (ys[a] > height && ys[b] > height)
