import type { VisualSource } from '../../../src-main/contract/index.ts'

export type Anchors = NonNullable<VisualSource['anchors']>

/** Parts of a blend as whole percent, for sliders; they keep their proportions. */
export function percentages(anchors: Anchors): number[] {
  const sum = anchors.reduce((total, { weight }) => total + weight, 0)
  return anchors.map(({ weight }) => Math.round((100 * weight) / sum))
}

/** The blend with one part moved to `percent` of the whole; the others share the rest as they did, or evenly. */
export function withShare(anchors: Anchors, name: string, percent: number): Anchors {
  if (anchors.length === 1) return [{ class: anchors[0].class, weight: 100 }]
  // A part of nothing is no part; it is taken out by its button.
  const mine = Math.min(99, Math.max(1, percent))
  const others = anchors.filter((one) => one.class !== name).reduce((sum, { weight }) => sum + weight, 0)
  return anchors.map((one) => ({
    class: one.class,
    weight:
      one.class === name
        ? mine
        : others > 0
          ? ((100 - mine) * one.weight) / others
          : (100 - mine) / (anchors.length - 1),
  }))
}

/** One more class, with an even part. */
export function withAnchor(anchors: Anchors, name: string): Anchors {
  if (anchors.some((one) => one.class === name)) return anchors
  const mean = anchors.reduce((sum, { weight }) => sum + weight, 0) / Math.max(1, anchors.length)
  return [...anchors, { class: name, weight: mean || 100 }]
}
