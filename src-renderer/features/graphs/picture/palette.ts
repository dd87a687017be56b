import type { GraphClass } from '../../../../src-main/contract/index.ts'
import { channels, tokenColour } from '../../../ui/colour.ts'
import { differenceSteps } from './lines.ts'

/** Pigments of a field book: ochre, sage, slate, madder, moss, umber, lavender. They stand for no role. */
const washes = ['#c9962f', '#7f9f7a', '#6d8fae', '#bd7272', '#98a33f', '#a9805b', '#9a86b5']

/** The colours of a picture in the theme of now; canvases know no custom properties. */
export interface Palette {
  readonly paper: string
  readonly ink: string
  readonly soft: string
  readonly accent: string
  readonly roles: Readonly<Record<GraphClass['role'], string>>
  /** Of lines, from agreement to the worst disagreement. */
  readonly tints: readonly string[]
  /** Washes for regions, told apart by their names as well. */
  readonly washes: readonly string[]
  readonly font: string
  readonly titleFont: string
}

/** Colours between two, both included. */
export function ramp(from: string, to: string, steps: number): string[] {
  const [start, end] = [channels(from), channels(to)]
  return Array.from({ length: steps }, (_, step) => {
    const part = steps === 1 ? 0 : step / (steps - 1)
    return `rgb(${start.map((one, at) => Math.round(one + part * (end[at] - one))).join(', ')})`
  })
}

export function paletteOf(element: HTMLElement): Palette {
  const soft = tokenColour(element, '--ink-soft')
  const bad = tokenColour(element, '--bad')
  return {
    paper: tokenColour(element, '--card'),
    ink: tokenColour(element, '--ink'),
    soft,
    accent: tokenColour(element, '--accent'),
    roles: {
      seen: tokenColour(element, '--seen'),
      unseen: tokenColour(element, '--unseen'),
      yours: tokenColour(element, '--yours'),
      none: soft,
    },
    tints: ramp(soft, bad, differenceSteps.length + 1),
    washes,
    font: getComputedStyle(element).fontFamily,
    titleFont: getComputedStyle(document.documentElement).getPropertyValue('--serif'),
  }
}
