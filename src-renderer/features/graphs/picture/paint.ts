import { corner, lineHeight, sides } from './labels.ts'
import type { Palette } from './palette.ts'
import type { Emphasis, Scene } from './scene.ts'

/** Where Cytoscape looks from: a pixel is `zoom` times a place, plus `x` or `y`. */
export interface View {
  readonly zoom: number
  readonly x: number
  readonly y: number
}

/** Which classes have a label at a zoom (see `labelsAt`), and how wide they are, px. */
export interface Labels {
  at(zoom: number): Uint8Array
  readonly widths: Float32Array
}

// A line of at most one pixel is drawn several times as quickly as a wider one, so that most are.
const widths = [0.7, 1, 1.7, 2.8] as const
const opacities = [0.34, 0.5, 0.7, 0.92] as const
const behind = 0.4 // opacity of everything else while something is pointed at
const arrowFrom = 34 // px; a shorter line has no room for an arrowhead
const fontSize = 11 // px

interface Frame {
  readonly width: number
  readonly height: number
  readonly xs: Float32Array
  readonly ys: Float32Array
}

const outside = ({ width, height, xs, ys }: Frame, a: number, b: number): boolean =>
  (xs[a] < 0 && xs[b] < 0) ||
  (ys[a] < 0 && ys[b] < 0) ||
  (xs[a] > width && xs[b] > width) ||
  (ys[a] > height && ys[b] > height)

function paintLines(
  context: CanvasRenderingContext2D,
  scene: Scene,
  frame: Frame,
  palette: Palette,
  faded: boolean,
): void {
  const { lines } = scene
  const { xs, ys } = frame
  for (const { level, tint, dashed, lines: members } of scene.strokes) {
    context.strokeStyle = palette.tints[tint]
    context.lineWidth = widths[level]
    // Disagreement must be seen even where the attention is faint.
    context.globalAlpha = Math.min(1, opacities[level] + 0.16 * tint) * (faded ? behind : 1)
    context.setLineDash(dashed ? [4, 3] : [])
    context.beginPath()
    for (const line of members) {
      const [a, b] = [lines.a[line], lines.b[line]]
      if (outside(frame, a, b)) continue
      context.moveTo(xs[a], ys[a])
      context.lineTo(xs[b], ys[b])
    }
    context.stroke()
  }
  context.setLineDash([])
}

function paintArrows(
  context: CanvasRenderingContext2D,
  scene: Scene,
  frame: Frame,
  palette: Palette,
  zoom: number,
  faded: boolean,
): void {
  const { lines, radii } = scene
  const { xs, ys } = frame
  for (const { level, tint, lines: members } of scene.strokes) {
    const size = 4.5 + level
    context.fillStyle = palette.tints[tint]
    context.globalAlpha = Math.min(1, opacities[level] + 0.16) * (faded ? behind : 1)
    context.beginPath()
    for (const line of members) {
      const [a, b] = [lines.a[line], lines.b[line]]
      if (!lines.oneWay[line] || outside(frame, a, b)) continue
      const [dx, dy] = [xs[b] - xs[a], ys[b] - ys[a]]
      const length = Math.hypot(dx, dy)
      if (length < arrowFrom) continue
      const [ux, uy] = [dx / length, dy / length]
      const [x, y] = [xs[b] - ux * (radii[b] * zoom + 2), ys[b] - uy * (radii[b] * zoom + 2)]
      context.moveTo(x, y)
      context.lineTo(x - size * ux - 0.42 * size * uy, y - size * uy + 0.42 * size * ux)
      context.lineTo(x - size * ux + 0.42 * size * uy, y - size * uy - 0.42 * size * ux)
    }
    context.fill()
  }
}

function paintHulls(context: CanvasRenderingContext2D, scene: Scene, { xs, ys }: Frame, palette: Palette): void {
  context.lineJoin = 'round'
  for (const { outline } of scene.hulls) {
    context.beginPath()
    for (const at of outline) context.lineTo(xs[at], ys[at])
    context.closePath()
    // A rim as wide as this turns the corners round and leaves room around the classes.
    context.lineWidth = 30
    context.globalAlpha = 0.09
    context.strokeStyle = context.fillStyle = palette.accent
    context.stroke()
    context.fill()
  }
}

/** Edges of what is pointed at or chosen, over the others; returns the classes at their other ends. */
function paintEmphasis(
  context: CanvasRenderingContext2D,
  scene: Scene,
  frame: Frame,
  palette: Palette,
  { hovered, selected }: Emphasis,
): Set<number> {
  const { lines } = scene
  const { xs, ys } = frame
  const beside = new Set<number>()
  for (const focus of hovered.length ? [selected, hovered] : [selected]) {
    if (focus.length === 0) continue
    context.strokeStyle = palette.accent
    for (const { level, lines: members } of scene.strokes) {
      context.lineWidth = widths[level] + 0.6
      context.globalAlpha = opacities[level] + 0.08
      context.beginPath()
      for (const line of members) {
        const [a, b] = [lines.a[line], lines.b[line]]
        const ends = (focus.includes(a) ? 1 : 0) + (focus.includes(b) ? 1 : 0)
        if (ends === 0 || (focus.length === 2 && ends < 2)) continue
        beside.add(a).add(b)
        context.moveTo(xs[a], ys[a])
        context.lineTo(xs[b], ys[b])
      }
      context.stroke()
    }
  }
  return beside
}

function paintRings(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { xs, ys }: Frame,
  palette: Palette,
  zoom: number,
  { hovered, selected }: Emphasis,
): void {
  context.globalAlpha = 1
  const ring = (at: number, colour: string, width: number): void => {
    context.strokeStyle = colour
    context.lineWidth = width
    context.beginPath()
    context.arc(xs[at], ys[at], scene.radii[at] * 1.25 * zoom + 3.5, 0, 2 * Math.PI)
    context.stroke()
  }
  for (const at of selected) ring(at, palette.accent, 2.5)
  for (const at of hovered) ring(at, palette.ink, 1.5)
}

function paintLabels(
  context: CanvasRenderingContext2D,
  scene: Scene,
  frame: Frame,
  palette: Palette,
  {
    zoom,
    chosen,
    always,
    textWidths,
  }: { zoom: number; chosen: Uint8Array; always: ReadonlySet<number>; textWidths: Float32Array },
): void {
  const { xs, ys, width, height } = frame
  context.font = `${fontSize}px ${palette.font}`
  context.textBaseline = 'middle'
  context.textAlign = 'left'
  const label = (at: number, place: number, opacity: number): void => {
    const [dx, dy] = corner(sides[place], textWidths[at], scene.radii[at] * zoom)
    const [x, y] = [xs[at] + dx, ys[at] + dy]
    if (x > width || y > height || x + textWidths[at] < 0 || y + lineHeight < 0) return
    context.globalAlpha = 0.72 * opacity
    context.fillStyle = palette.paper
    context.fillRect(x - 1, y + 1, textWidths[at] + 2, lineHeight - 2)
    context.globalAlpha = opacity
    context.fillStyle = palette.ink
    context.fillText(scene.names[at], x, y + lineHeight / 2 + 0.5)
  }
  const faded = always.size > 0
  for (const at of scene.order) if (chosen[at] && !always.has(at)) label(at, chosen[at] - 1, faded ? 0.5 : 1)
  for (const at of always) label(at, Math.max(0, chosen[at] - 1), 1)
}

/** Widths of all names as labels, px. */
export function measure(context: CanvasRenderingContext2D, names: readonly string[], palette: Palette): Float32Array {
  context.font = `${fontSize}px ${palette.font}`
  return Float32Array.from(names, (name) => context.measureText(name).width)
}

/** Everything but the classes themselves, which Cytoscape draws above it: groups, lines, rings and labels. */
export function paint(
  context: CanvasRenderingContext2D,
  scene: Scene,
  view: View,
  { width, height, ratio }: { width: number; height: number; ratio: number },
  palette: Palette,
  emphasis: Emphasis,
  labels: Labels,
): void {
  const { positions } = scene
  const [xs, ys] = [new Float32Array(positions.length / 2), new Float32Array(positions.length / 2)]
  for (let at = 0; at < xs.length; at++) {
    xs[at] = positions[2 * at] * view.zoom + view.x
    ys[at] = positions[2 * at + 1] * view.zoom + view.y
  }
  const frame = { width, height, xs, ys }
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  const faded = emphasis.hovered.length > 0 || emphasis.selected.length > 0
  paintHulls(context, scene, frame, palette)
  paintLines(context, scene, frame, palette, faded)
  paintArrows(context, scene, frame, palette, view.zoom, faded)
  const beside = paintEmphasis(context, scene, frame, palette, emphasis)
  paintRings(context, scene, frame, palette, view.zoom, emphasis)
  const always = new Set([...beside, ...emphasis.selected, ...emphasis.hovered])
  paintLabels(context, scene, frame, palette, {
    zoom: view.zoom,
    chosen: labels.at(view.zoom),
    always,
    textWidths: labels.widths,
  })
}
