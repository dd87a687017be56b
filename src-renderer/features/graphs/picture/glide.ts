import type { View } from './frame.ts'

/** How the drawing of one view must be moved, and scaled from its upper left corner, to stand for another. */
export function shift(drawn: View, now: View): { readonly scale: number; readonly x: number; readonly y: number } {
  const scale = now.zoom / drawn.zoom
  return { scale, x: now.x - scale * drawn.x, y: now.y - scale * drawn.y }
}

const pause = 110 // ms without a movement after which it has ended
const soonest = 700 // ms between two drawings while it goes on, …
const latest = 1500 // … and at most; so few frames are long that the movement stays smooth
const bare = 0.14 // part of the picture that may be without drawing before it is drawn anew
const blurred = 1.6 // scale, or its inverse, at which it is

/** What a picture that is moved does. */
export interface Stage {
  /** What shows the drawing. */
  readonly layers: readonly HTMLElement[]
  readonly view: () => View
  readonly size: () => { readonly width: number; readonly height: number }
  /** No more drawing until `draw`. */
  readonly hold: () => void
  readonly draw: () => void
}

/**
 * Moves the drawing of a large graph instead of drawing it sixty times a second: every edge and every name stays in
 * sight, at the price of a scaled drawing for a moment. It is drawn anew when the movement pauses, and now and then while
 * it goes on.
 */
export function createGlide({ layers, view, size, hold, draw }: Stage) {
  let drawn: View = view()
  let held: number | null = null // when drawing was stopped
  let timer: ReturnType<typeof setTimeout> | undefined

  function settle(): void {
    clearTimeout(timer)
    if (held === null) return
    held = null
    draw()
  }

  return {
    /** Whether the drawing is of another view than that of now. */
    get gliding() {
      return held !== null
    },
    /** After a change of the view. */
    move(): void {
      const now = performance.now()
      if (held === null) {
        held = now
        hold()
      }
      const { scale, x, y } = shift(drawn, view())
      for (const { style } of layers) {
        style.transformOrigin = '0 0'
        style.transform = `translate(${x}px, ${y}px) scale(${scale})`
      }
      clearTimeout(timer)
      timer = setTimeout(settle, pause)
      const { width, height } = size()
      const uncovered =
        Math.max(x, width * (1 - scale) - x) > bare * width || Math.max(y, height * (1 - scale) - y) > bare * height
      const far = uncovered || scale > blurred || scale < 1 / blurred
      if (now - held > (far ? soonest : latest)) settle()
    },
    /** What is on the layers is of this view. */
    drew(): void {
      drawn = view()
      if (held !== null) return
      for (const { style } of layers) style.transform = ''
    },
    settle,
    end: (): void => clearTimeout(timer),
  }
}
