import { gather, input, multiply, reshape, sum, type Expression } from '../compute/expression.ts'
import type { DataWidths } from './network-config.ts'

/** What an episode is about: C classes described by K attributes, and B images with D features. */
export interface EpisodeInputs {
  /** C×K; zeros where unknown. */
  readonly attributes: Expression
  /** C×K; 1 where the attribute is known. */
  readonly known: Expression
  /** C×D. */
  readonly classMeans: Expression
  /** B×D. */
  readonly images: Expression
}

export interface EpisodeSizes {
  readonly classes: number
  readonly queries: number
}

/** Every row fed with the step. */
export const fedInputs = (
  { classes: C, queries: B }: EpisodeSizes,
  { attributes: K, features: D }: DataWidths,
): EpisodeInputs => ({
  attributes: input('attributes', [C, K]),
  known: input('known', [C, K]),
  classMeans: input('classMeans', [C, D]),
  images: input('images', [B, D]),
})

/** How much of a dataset is kept where steps take rows from it. */
export interface KeptSizes {
  readonly images: number
  readonly classes: number
  /** Images that build a class's mean; null where `classMeans` are kept whole. */
  readonly supportPerClass: number | null
}

/**
 * The same, taken by row numbers from data that do not change from step to step: `all.features` N×D, `all.attributes` and
 * `all.known` A×K, and `classMeans` C×D where no support is drawn. With a step come `classRows` C, `imageRows` B, and
 * `supportRows` C·k with `supportShares` C×k×1.
 */
export function gatheredInputs(
  { classes: C, queries: B }: EpisodeSizes,
  { attributes: K, features: D }: DataWidths,
  { images: N, classes: A, supportPerClass: k }: KeptSizes,
): EpisodeInputs {
  const rows = (name: string, count: number) => input(name, [count], 'int64')
  const features = input('all.features', [N, D])
  const classRows = rows('classRows', C)
  const supportMeans = (perClass: number): Expression => {
    const support = reshape(gather(features, rows('supportRows', C * perClass)), [C, perClass, D])
    return reshape(sum(multiply(support, input('supportShares', [C, perClass, 1])), 1), [C, D])
  }
  return {
    attributes: gather(input('all.attributes', [A, K]), classRows),
    known: gather(input('all.known', [A, K]), classRows),
    classMeans: k === null ? input('classMeans', [C, D]) : supportMeans(k),
    images: gather(features, rows('imageRows', B)),
  }
}
