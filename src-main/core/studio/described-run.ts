import type { NamedTensors } from '../compute/engine.ts'
import type { OpenRun } from '../inference/open-run.ts'
import type { Model, VisualAnchor } from '../inference/scorer.ts'
import { graphFeeds } from '../method/network.ts'
import { extendModel, type Cast, type CastList, type DescribedClass, type ExtendedModel } from './extend-model.ts'
import { splitNetwork } from './split-network.ts'

/** A run's model over some classes. C classes. */
export interface Computed extends CastList {
  /** C×H: what images are scored with. */
  readonly projected: Float32Array
  /** Of the first graphs, C×C. */
  readonly semantic: { readonly cosine: Float32Array; readonly attention: Float32Array }
  readonly visual: { readonly cosine: Float32Array; readonly attention: Float32Array }
}

export interface DescribedRun {
  /** All of a cast, kept for `withOneMore`. */
  over(cast: Cast): Promise<Base>
}

export interface Base extends Computed {
  /** K, of a class of `list`. */
  scaledOf(at: number): Float32Array
  /** The same with one class more, the last of `list`. */
  withOneMore(one: DescribedClass): Promise<WithOneMore>
}

export interface WithOneMore extends Computed {
  /** Seen classes that lend it their means. */
  readonly anchors: VisualAnchor['from']
  /** Its attributes, K. */
  readonly scaled: Float32Array
}

/** Computes what described classes are to a run's model; that of classes which stay is computed once. */
export function describedRun(run: OpenRun): DescribedRun {
  const { model, context, descriptions, scorer } = run
  const { attributeScaling: scaling, hidden: H } = run.run.config
  const split = splitNetwork(run.network, run.run.config, run.widths)

  const K = run.widths.attributes
  const rowOf = (model: Model, index: number): Float32Array => model.attributes.subarray(index * K, (index + 1) * K)
  const extend = (cast: Cast): ExtendedModel => extendModel({ model, context, descriptions, scaling }, cast)
  /** Prototypes before propagation, one row for each of these classes. */
  const prototypesOf = async ({ model, visual }: ExtendedModel, classes: Int32Array) => {
    const { anchors, feeds } = await scorer.describe(model, classes, visual)
    return { anchors, prototypes: await (await run.program(split.prototypes)).run(feeds) }
  }
  const compute = async ({ classes, list }: CastList, prototypes: NamedTensors): Promise<Computed> => {
    const graphs = await run.program(split.graphs)
    const feeds = { ...model.parameters, ...prototypes, ...graphFeeds(classes.length, run.run.config) }
    const { projected, ...of } = await graphs.run(feeds)
    return {
      ...{ classes, list, projected: projected.data },
      semantic: { cosine: of.semanticCosine.data, attention: of.semanticAttention.data },
      visual: { cosine: of.visualCosine.data, attention: of.visualAttention.data },
    }
  }

  return {
    over: async (cast) => {
      const extended = extend(cast)
      const { prototypes } = await prototypesOf(extended, extended.classes)
      return {
        ...(await compute(extended, prototypes)),
        scaledOf: (at) => rowOf(extended.model, extended.classes[at]),
        withOneMore: async (one) => {
          const alone = extend({ described: [one], off: [] })
          const { anchors, prototypes: own } = await prototypesOf(alone, alone.classes.slice(-1))
          const all = Object.fromEntries(
            Object.entries(prototypes).map(([name, { data, shape }]) => {
              const joined = new Float32Array(data.length + H)
              joined.set(data)
              joined.set(own[name].data, data.length)
              return [name, { data: joined, shape: [shape[0] + 1, H] }]
            }),
          )
          const described = { id: one.id, name: one.name, role: 'yours' as const }
          const classes = Int32Array.from([...extended.classes, context.classNames.length + cast.described.length])
          const computed = await compute({ classes, list: [...extended.list, described] }, all)
          return {
            ...computed,
            anchors: anchors[0].from,
            scaled: rowOf(alone.model, alone.classes[alone.classes.length - 1]),
          }
        },
      }
    },
  }
}
