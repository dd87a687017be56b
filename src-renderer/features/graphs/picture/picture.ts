import cytoscape from 'cytoscape'
import type { GraphClass } from '../../../../src-main/contract/index.ts'
import type { Box } from './labels.ts'
import { nearestLine } from './lines.ts'
import { claimStylesheet, styleOf, weights } from './class-style.ts'
import { frameOf, type View } from './frame.ts'
import { createGlide } from './glide.ts'
import { measure, paint, type Labels } from './paint.ts'
import type { Palette } from './palette.ts'
import { emphasised, extentOf, labelling, noEmphasis, type Emphasis, type Scene } from './scene.ts'

export type { View }

/** What a person does to a picture. */
export interface PictureEvents {
  /** One class, two classes with an edge between them, or none. */
  hover(classes: readonly number[]): void
  select(classes: readonly number[]): void
  look(view: View): void
}

export interface Picture {
  /** Draws these classes, or moves those that are drawn already to their new places, within `motion` ms. */
  show(classes: readonly GraphClass[], scene: Scene, self: Float32Array | null, motion: number): void
  colour(palette: Palette): void
  emphasise(emphasis: Emphasis): void
  readonly view: View
  look(view: View): void
  /** Everything that is shown, as large as there is room. */
  fit(): void
  zoomBy(factor: number): void
  /** Brings a class into view if it is out of it. */
  reveal(at: number): void
  resize(): void
  destroy(): void
}

const margin = { x: 52, top: 62, bottom: 24 } // px around everything: a label at the rim needs room, and so does the title
const title = 46 // px at the top, where no label would be seen
const reach = 6 // px from an edge within which it counts as pointed at
const zooms = [0.15, 8] as const
const large = 1500 // classes and lines; fewer are drawn anew in every frame of a movement
const ringSteps = 12 // of attention to oneself; more could not be told apart
const nobody = (): Uint8Array => new Uint8Array()

/** Captions of regions take their room first, the largest first of all. */
const captioned = ({ names, regions, order }: Scene): number[] => [
  ...regions.map((_, at) => names.length + at),
  ...order,
]

/**
 * A category graph on the screen. Cytoscape holds the classes, draws them and handles the gestures; their edges, of which
 * there are ten times as many, are painted from typed arrays on a canvas under it, in the same frame: every edge is there
 * while the picture moves. A large graph glides (`createGlide`).
 */
export function createPicture(
  box: HTMLElement,
  under: HTMLCanvasElement,
  first: Palette,
  events: PictureEvents,
): Picture {
  claimStylesheet()
  const context = under.getContext('2d')!
  const cy = cytoscape({
    container: box,
    style: styleOf(first),
    layout: { name: 'preset' },
    minZoom: zooms[0],
    maxZoom: zooms[1],
    autoungrabify: true,
    autounselectify: true,
    boxSelectionEnabled: false,
    pixelRatio: 'auto',
  })

  let palette = first
  let emphasis = noEmphasis
  let scene: Scene | null = null
  /** What the scene is moving to. */
  let target: Scene | null = null
  let drawn: readonly GraphClass[] = []
  let labels: Labels = { at: nobody, widths: new Float32Array(), always: [], alwaysAt: nobody }
  let size = { width: box.clientWidth, height: box.clientHeight, ratio: 1, fit: 1 }
  /** Whether everything was fitted and the person has not moved it since. */
  let fitted = true
  let told = true
  let moving = 0

  const view = (): View => ({ zoom: cy.zoom(), ...cy.pan() })
  const repaint = (): void => {
    if (!scene || glide.gliding) return
    glide.drew()
    const from = view()
    paint(frameOf(context, scene, palette, emphasis, from, size), from, labels, size.ratio)
  }
  let asked = 0
  const repaintSoon = (): void => {
    asked ||= requestAnimationFrame(() => {
      asked = 0
      repaint()
    })
  }
  function measured(): void {
    const { width, height } = { width: box.clientWidth, height: box.clientHeight }
    size = { ...size, width, height, ratio: devicePixelRatio }
    under.width = Math.round(width * size.ratio)
    under.height = Math.round(height * size.ratio)
  }
  function untold(change: () => void): void {
    told = false
    change()
    told = true
  }

  const glide = createGlide({
    layers: [under, box.firstElementChild as HTMLElement],
    view,
    size: () => size,
    // Cytoscape draws nothing while changes are gathered.
    hold: () => {
      cy.startBatch()
    },
    draw: () => {
      cy.endBatch()
      cy.forceRender()
    },
  })
  const isLarge = (): boolean => scene !== null && scene.lines.count + scene.radii.length > large

  cy.on('viewport', () => {
    if (isLarge()) glide.move()
    if (!told) return
    fitted = false
    events.look(view())
  })
  // In the frame in which Cytoscape draws the classes, so that neither runs ahead.
  cy.on('render', repaint)

  function emphasise(): void {
    const always = target ? emphasised(target, emphasis) : []
    let alwaysAt: Labels['at'] = nobody
    if (target && always.length) {
      const order = [...always, ...target.order.filter((at) => !always.includes(at))]
      alwaysAt = labelling(target, order, labels.widths, fitting(target).frame, always.length)
    }
    labels = { ...labels, always, alwaysAt }
  }

  let over: readonly number[] = []
  function hover(classes: readonly number[]): void {
    if (classes.length === over.length && classes.every((one, at) => one === over[at])) return
    over = classes
    box.style.cursor = classes.length ? 'pointer' : ''
    events.hover(classes)
  }
  const edgeAt = ({ x, y }: cytoscape.Position): readonly number[] => {
    if (!scene) return []
    const line = nearestLine(scene.lines, scene.positions, [x, y], reach / cy.zoom(), scene.shown)
    return line === null ? [] : [scene.lines.a[line], scene.lines.b[line]]
  }
  const pointedAt = (event: cytoscape.EventObject): readonly number[] =>
    event.target === cy ? edgeAt(event.position) : [Number((event.target as cytoscape.NodeSingular).id())]
  cy.on('mousemove', (event) => {
    // Who drags the picture points at nothing.
    if (event.originalEvent.buttons === 0 && !glide.gliding) hover(pointedAt(event))
  })
  cy.on('tap', (event) => events.select(pointedAt(event)))
  const left = (): void => hover([])
  box.addEventListener('pointerleave', left)

  function place(positions: Float32Array): void {
    cy.batch(() =>
      cy.nodes().positions((node) => {
        const at = Number(node.id())
        return { x: positions[2 * at], y: positions[2 * at + 1] }
      }),
    )
  }

  function move(to: Scene, motion: number): void {
    cancelAnimationFrame(moving)
    const from = scene?.positions.slice()
    const end = to.positions
    if (!from || motion === 0 || from.every((value, at) => value === end[at])) {
      scene = to
      place(end)
      return
    }
    const started = performance.now()
    const step = (): void => {
      const part = Math.min(1, (performance.now() - started) / motion)
      const eased = 1 - (1 - part) ** 3
      const positions = part === 1 ? end : from.map((value, at) => value + eased * (end[at] - value))
      scene = { ...to, positions }
      place(positions)
      if (part < 1) moving = requestAnimationFrame(step)
    }
    scene = { ...to, positions: from }
    step()
  }

  /** The view in which all of a scene is seen, and the frame that labels then have, in its units. */
  function fitting(whole: Scene): { view: View; frame: Box } {
    const [x1, y1, x2, y2] = extentOf(whole)
    const zoom = Math.min(
      (size.width - 2 * margin.x) / Math.max(x2 - x1, 1),
      (size.height - margin.top - margin.bottom) / Math.max(y2 - y1, 1),
      1.6,
    )
    const [x, y] = [(x1 + x2) / 2, (y1 + y2) / 2 + (margin.bottom - margin.top) / 2 / zoom]
    const [across, down] = [size.width / 2 / zoom, size.height / 2 / zoom]
    const [left, top] = [x - across, y - down]
    return {
      view: { zoom, x: -left * zoom, y: -top * zoom },
      frame: [left, top + title / zoom, x + across, y + down],
    }
  }
  function fit(): void {
    if (!scene || scene.order.length === 0) return
    look(fitting(scene).view)
    glide.settle()
    fitted = true
  }
  function look({ zoom, x, y }: View): void {
    untold(() => cy.viewport({ zoom, pan: { x, y } }))
  }

  return {
    show(classes, next, self, motion) {
      glide.settle()
      const same =
        drawn.length === classes.length &&
        classes.every(({ name, role }, at) => name === drawn[at].name && role === drawn[at].role)
      drawn = classes
      const widths = measure(context, next, palette)
      const { view: whole, frame } = fitting(next)
      size = { ...size, fit: whole.zoom }
      labels = { ...labels, at: labelling(next, captioned(next), widths, frame), widths }
      const sizes = (at: number) => {
        const body = next.radii[at] * weights[classes[at].role]
        // In steps: Cytoscape draws classes that look alike once, and copies them.
        const attention = self ? Math.round(self[at] * ringSteps) / ringSteps : 0
        return { size: body, gap: 0.28 * next.radii[at], ring: attention * 0.34 * next.radii[at] }
      }
      cy.batch(() => {
        if (same) {
          cy.nodes().forEach((node) => {
            const at = Number(node.id())
            node.data(sizes(at)).toggleClass('away', next.shown !== null && !next.shown[at])
          })
          return
        }
        cancelAnimationFrame(moving)
        scene = null
        cy.elements().remove()
        cy.add(
          classes.map(({ role }, at) => ({
            group: 'nodes' as const,
            data: { id: String(at), ...sizes(at) },
            classes: next.shown && !next.shown[at] ? `${role} away` : role,
            position: { x: next.positions[2 * at], y: next.positions[2 * at + 1] },
          })),
        )
      })
      target = next
      emphasise()
      const fresh = scene === null
      move(next, fresh ? 0 : motion)
      if (fresh || fitted) fit()
      repaintSoon()
    },
    colour(next) {
      palette = next
      cy.style(styleOf(next))
      repaintSoon()
    },
    emphasise(next) {
      emphasis = next
      emphasise()
      repaintSoon()
    },
    get view() {
      return view()
    },
    look,
    fit,
    zoomBy(factor) {
      const level = Math.min(zooms[1], Math.max(zooms[0], cy.zoom() * factor))
      cy.zoom({ level, renderedPosition: { x: size.width / 2, y: size.height / 2 } })
    },
    reveal(at) {
      if (!scene) return
      const { zoom, x: shift, y: drop } = view()
      const [x, y] = [scene.positions[2 * at] * zoom + shift, scene.positions[2 * at + 1] * zoom + drop]
      const inside = x > margin.x && y > margin.top && x < size.width - margin.x && y < size.height - margin.bottom
      if (!inside) cy.panBy({ x: size.width / 2 - x, y: size.height / 2 - y })
    },
    resize() {
      glide.settle()
      measured()
      cy.resize()
      if (fitted) fit()
      repaint()
    },
    destroy() {
      cancelAnimationFrame(moving)
      cancelAnimationFrame(asked)
      glide.end()
      box.removeEventListener('pointerleave', left)
      cy.destroy()
    },
  }
}
