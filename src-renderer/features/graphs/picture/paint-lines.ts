import { outside, type Frame } from './frame.ts'

// By level of attention. A line of at most one pixel is drawn several times as quickly as a wider one: most are.
const widths = [0.7, 1, 1.7, 2.8] as const // px
const opacities = [0.34, 0.5, 0.7, 0.92] as const
const perTint = 0.16 // more opacity: disagreement must be seen even where the attention is faint
const behind = 0.4 // part of its opacity that everything else keeps while something is pointed at
const plenty = 700 // lines; of more of them each is drawn thinner, until they are looked at more closely
const arrowFrom = 34 // px; a shorter line has no room for an arrowhead

/** Part of its width that a line has where there are many. */
const thinness = ({ scene, zoom, fit }: Frame): number =>
  Math.min(1, Math.sqrt(plenty / Math.max(1, scene.lines.count)) * Math.max(1, zoom / fit))

const opacity = ({ emphasis }: Frame, level: number, tint: number, thin: number): number => {
  const faded = emphasis.hovered.length > 0 || emphasis.selected.length > 0
  return Math.min(1, opacities[level] + perTint * tint) * (0.4 + 0.6 * thin) * (faded ? behind : 1)
}

/** Every edge that is shown. Those that look alike are one path: that is what makes thousands of them quick. */
export function paintLines(frame: Frame): void {
  const { context, scene, palette, xs, ys } = frame
  const { a, b } = scene.lines
  const thin = thinness(frame)
  for (const { level, tint, dashed, lines } of scene.strokes) {
    context.strokeStyle = palette.tints[tint]
    context.lineWidth = widths[level] * thin
    context.globalAlpha = opacity(frame, level, tint, thin)
    context.setLineDash(dashed ? [4, 3] : [])
    context.beginPath()
    for (const line of lines) {
      if (outside(frame, a[line], b[line])) continue
      context.moveTo(xs[a[line]], ys[a[line]])
      context.lineTo(xs[b[line]], ys[b[line]])
    }
    context.stroke()
  }
  context.setLineDash([])
}

/** Heads on the lines along which attention goes one way. */
export function paintArrows(frame: Frame): void {
  const { context, scene, palette, zoom, xs, ys } = frame
  const { a, b, oneWay } = scene.lines
  const thin = thinness(frame)
  for (const { level, tint, lines } of scene.strokes) {
    const size = (4.5 + level) * (0.5 + 0.5 * thin)
    context.fillStyle = palette.tints[tint]
    context.globalAlpha = opacity(frame, level, tint + 1, thin)
    context.beginPath()
    for (const line of lines) {
      const [from, to] = [a[line], b[line]]
      if (!oneWay[line] || outside(frame, from, to)) continue
      const [dx, dy] = [xs[to] - xs[from], ys[to] - ys[from]]
      const length = Math.hypot(dx, dy)
      if (length < arrowFrom) continue
      const [ux, uy] = [dx / length, dy / length]
      const away = scene.radii[to] * 1.3 * zoom + 2
      const [x, y] = [xs[to] - ux * away, ys[to] - uy * away]
      context.moveTo(x, y)
      context.lineTo(x - size * ux - 0.42 * size * uy, y - size * uy + 0.42 * size * ux)
      context.lineTo(x - size * ux + 0.42 * size * uy, y - size * uy - 0.42 * size * ux)
    }
    context.fill()
  }
}

/** Edges of what is pointed at or chosen, over the others. */
export function paintEmphasis({ context, scene, palette, emphasis, xs, ys }: Frame): void {
  const { a, b } = scene.lines
  context.strokeStyle = palette.accent
  for (const focus of [emphasis.selected, emphasis.hovered]) {
    if (focus.length === 0) continue
    for (const { level, lines } of scene.strokes) {
      context.lineWidth = widths[level] + 0.6
      context.globalAlpha = Math.min(1, opacities[level] + perTint)
      context.beginPath()
      for (const line of lines) {
        const ends = (focus.includes(a[line]) ? 1 : 0) + (focus.includes(b[line]) ? 1 : 0)
        if (ends < focus.length) continue
        context.moveTo(xs[a[line]], ys[a[line]])
        context.lineTo(xs[b[line]], ys[b[line]])
      }
      context.stroke()
    }
  }
}
