import type { Frame, View } from './frame.ts'
import { corner, lineHeight, sides, type Side } from './labels.ts'
import { paintArrows, paintEmphasis, paintLines } from './paint-lines.ts'
import type { Palette } from './palette.ts'
import type { Region } from './regions.ts'
import type { Scene } from './scene.ts'

/** Which classes have a label at a zoom, and where (see `labelsAt`). */
export interface Labels {
  at(zoom: number): Uint8Array
  /** px */
  readonly widths: Float32Array
  /** Those with a label whatever there is room for, beside what is pointed at. */
  readonly always: readonly number[]
  alwaysAt(zoom: number): Uint8Array
}

const fontSize = 11 // px
const wash = 0.22 // opacity of a region
const faded = 0.45 // opacity of other labels while something is pointed at

const captionFont = ({ titleFont }: Palette): string => `italic 600 12.5px ${titleFont}`
const captionOf = ({ names }: Scene, { centre, members }: Region): string => `${names[centre]} +${members.length - 1}`

/** Widths of all labels, px: of the classes, then of the captions. */
export function measure(context: CanvasRenderingContext2D, scene: Scene, palette: Palette): Float32Array {
  context.font = `${fontSize}px ${palette.font}`
  const names = scene.names.map((name) => context.measureText(name).width)
  context.font = captionFont(palette)
  const captions = scene.regions.map((region) => context.measureText(captionOf(scene, region)).width)
  return Float32Array.of(...names, ...captions)
}

function paintRegions({ context, scene, palette, zoom, xs, ys }: Frame): void {
  context.globalAlpha = wash
  for (const [at, { members }] of scene.regions.entries()) {
    context.fillStyle = palette.washes[at % palette.washes.length]
    // One path: where its discs overlap the wash is no darker.
    context.beginPath()
    for (const one of members) {
      context.moveTo(xs[one], ys[one])
      context.arc(xs[one], ys[one], scene.reach * zoom, 0, 2 * Math.PI)
    }
    context.fill()
  }
}

function paintCaptions({ context, scene, palette, zoom }: Frame, { x, y }: View, labels: Labels): void {
  const chosen = labels.at(zoom)
  const first = scene.names.length
  context.font = captionFont(palette)
  context.globalAlpha = labels.always.length > 0 ? faded : 1
  context.fillStyle = palette.ink
  for (const [at, region] of scene.regions.entries()) {
    if (!chosen[first + at]) continue
    const left = region.below[0] * zoom + x - labels.widths[first + at] / 2
    context.fillText(captionOf(scene, region), left, region.below[1] * zoom + y + 2 + lineHeight / 2)
  }
}

function paintRings({ context, scene, palette, emphasis, zoom, xs, ys }: Frame): void {
  context.globalAlpha = 1
  const ring = (at: number, colour: string, width: number): void => {
    context.strokeStyle = colour
    context.lineWidth = width
    context.beginPath()
    context.arc(xs[at], ys[at], scene.radii[at] * 1.6 * zoom + 3, 0, 2 * Math.PI)
    context.stroke()
  }
  for (const at of emphasis.selected) ring(at, palette.accent, 2.5)
  for (const at of emphasis.hovered) ring(at, palette.ink, 1.5)
}

function paintLabels({ context, scene, palette, width, height, zoom, xs, ys }: Frame, labels: Labels): void {
  const { widths, always } = labels
  context.font = `${fontSize}px ${palette.font}`
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  const label = (at: number, side: Side, opacity: number): void => {
    const [dx, dy] = corner(side, widths[at], scene.radii[at] * 1.3 * zoom)
    const [x, y] = [xs[at] + dx, ys[at] + dy]
    if (x > width || y > height || x + widths[at] < 0 || y + lineHeight < 0) return
    context.globalAlpha = 0.72 * opacity
    context.fillStyle = palette.paper
    context.fillRect(x - 1, y + 1, widths[at] + 2, lineHeight - 2)
    context.globalAlpha = opacity
    context.fillStyle = palette.ink
    context.fillText(scene.names[at], x, y + lineHeight / 2 + 0.5)
  }
  const chosen = labels.at(zoom)
  const opacity = always.length > 0 ? faded : 1
  for (const at of scene.order) if (chosen[at] && !always.includes(at)) label(at, sides[chosen[at] - 1], opacity)
  const beside = labels.alwaysAt(zoom)
  for (const at of always) label(at, sides[Math.max(1, beside[at]) - 1], 1)
}

/** Everything but the classes themselves, which Cytoscape draws above it: regions, lines, rings and labels. */
export function paint(frame: Frame, view: View, labels: Labels, ratio: number): void {
  const { context, width, height } = frame
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  paintRegions(frame)
  paintLines(frame)
  paintArrows(frame)
  paintEmphasis(frame)
  paintRings(frame)
  paintLabels(frame, labels)
  paintCaptions(frame, view, labels)
}
