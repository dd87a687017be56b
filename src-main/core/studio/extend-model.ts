import type { Classification, TrainingConfig } from '../../contract/index.ts'
import type { Model, VisualStandIn } from '../inference/scorer.ts'
import { scaleAttributes } from '../method/scaling.ts'
import type { ClassDescriptions, ModelContext } from '../training/stored-model.ts'

/** A class besides a run's own, as it crosses to the process that holds the model. */
export interface DescribedClass {
  readonly id: string
  readonly name: string
  /** K, in the units of the dataset; NaN is unknown. */
  readonly attributes: Float32Array
  /** Anchors by the index of a class of the run's dataset; null: as METHOD.md section 5 has it. */
  readonly visual: VisualStandIn | null
}

/** Who takes part besides a run's own classes, and which of its own unseen ones do not. */
export interface Cast {
  readonly described: readonly DescribedClass[]
  /** Names. */
  readonly off: readonly string[]
}

export const wholeCast: Cast = { described: [], off: [] }

/** The classes that are told apart, in the order of the scores. */
export interface CastList {
  /** Ascending indices into the model's attributes: the run's own, then the described in their order. */
  readonly classes: Int32Array
  /** What they are. */
  readonly list: Classification['classes']
}

/** What of a model of either method depends on its classes: their scaled attributes, C×K. */
interface Described {
  readonly attributes: Float32Array
}

/** A run's model over its own classes and described ones. */
export interface ExtendedModel<M extends Described = Model> extends CastList {
  readonly model: M
  readonly visual: ReadonlyMap<number, VisualStandIn>
}

interface Extendable<M extends Described> {
  readonly model: M
  readonly context: ModelContext
  /** Needed where a class is described. */
  readonly descriptions: ClassDescriptions | null
  readonly scaling: TrainingConfig['attributeScaling']
}

/**
 * A described class is scaled together with the run's own raw attributes, and the statistics come from the seen classes
 * alone: it gets to the bit the values that an imported one would have.
 */
export function extendModel<M extends Described>(
  { model, context, descriptions, scaling }: Extendable<M>,
  cast: Cast,
): ExtendedModel<M> {
  const { classNames, seenClasses } = context
  const { described } = cast
  return {
    ...listCast(context, cast),
    model:
      described.length === 0
        ? model
        : { ...model, attributes: withRows(descriptions!, seenClasses, scaling, described) },
    visual: new Map(described.flatMap(({ visual }, at) => (visual ? [[classNames.length + at, visual]] : []))),
  }
}

export function listCast({ classNames, seenClasses, unseenClasses }: ModelContext, cast: Cast): CastList {
  const off = new Set(cast.off)
  const seen = new Set(seenClasses)
  const own = [...seenClasses, ...unseenClasses.filter((one) => !off.has(classNames[one]))].sort((a, b) => a - b)
  return {
    classes: Int32Array.from([...own, ...cast.described.map((_, at) => classNames.length + at)]),
    list: [
      ...own.map((one) => ({
        name: classNames[one],
        role: seen.has(one) ? ('seen' as const) : ('unseen' as const),
        id: null,
      })),
      ...cast.described.map(({ id, name }) => ({ name, role: 'yours' as const, id })),
    ],
  }
}

function withRows(
  { rawAttributes, attributeNames: { length: K } }: ClassDescriptions,
  seenClasses: Int32Array,
  scaling: TrainingConfig['attributeScaling'],
  described: readonly DescribedClass[],
): Float32Array {
  const raw = new Float32Array(rawAttributes.length + described.length * K)
  raw.set(rawAttributes)
  described.forEach(({ attributes }, at) => raw.set(attributes, rawAttributes.length + at * K))
  return scaleAttributes(raw, K, scaling, seenClasses)
}
