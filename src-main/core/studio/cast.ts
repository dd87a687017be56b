import type { VisualSource } from '../../contract/index.ts'
import type { VisualStandIn } from '../inference/scorer.ts'
import type { BookClass, BookState } from './book.ts'
import type { Cast, DescribedClass } from './extend-model.ts'
import type { RunClasses } from './run-classes.ts'

/** Mean of the scaled features of some photos of a class, D; null where there is none. */
export type MeanOf = (photos: BookClass['photos']) => Promise<Float32Array | null>

/** What of a book takes part, as it crosses to where the model is. */
export async function castOf(book: BookState, run: RunClasses, kappa: number, meanOf: MeanOf): Promise<Cast> {
  const on = book.classes.filter((one) => one.on)
  return {
    described: await Promise.all(on.map((one) => describedClass(one, run, kappa, meanOf))),
    off: book.off.filter((name) => run.own.some((one) => one.name === name && one.role === 'unseen')),
  }
}

export async function describedClass(
  { id, name, attributes, visual, photos }: Pick<BookClass, 'id' | 'name' | 'attributes' | 'visual' | 'photos'>,
  run: RunClasses,
  kappa: number,
  meanOf: MeanOf,
): Promise<DescribedClass> {
  const mean = await meanOf(photos)
  return { id, name, attributes, visual: standIn(visual, run, mean, photos.length / (photos.length + kappa)) }
}

function standIn(
  { anchors, photoWeight }: VisualSource,
  { own }: RunClasses,
  mean: Float32Array | null,
  usualWeight: number,
): VisualStandIn | null {
  if (anchors === null && mean === null) return null
  const indexOf = new Map(own.flatMap(({ name, index, role }) => (role === 'seen' ? [[name, index] as const] : [])))
  const total = anchors?.reduce((sum, { weight }) => sum + weight, 0) ?? 0
  return {
    anchors: anchors?.map((one) => ({ class: indexOf.get(one.class)!, weight: one.weight / total })) ?? null,
    photos: mean && { mean, weight: photoWeight ?? usualWeight },
  }
}
