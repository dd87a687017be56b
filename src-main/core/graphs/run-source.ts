import type { GraphClass } from '../../contract/index.ts'
import type { NamedTensor, NamedTensors } from '../compute/engine.ts'
import { gatherRows } from '../compute/linear-algebra.ts'
import type { OpenRun } from '../inference/open-run.ts'
import type { DescribedClasses } from '../inference/scorer.ts'
import { extendModel, type Cast, type ExtendedModel } from '../studio/extend-model.ts'
import { readEvaluation } from '../training/run-folder.ts'
import { edgeRuleOf, type Lens, type SpaceGraph } from './lens.ts'
import { isLearned, known, ofRows, sameRule, type GraphSource } from './source.ts'

/** The graphs of a run's finished model over its own classes and those of the person's that take part. */
export async function runSource(open: OpenRun, lens: Lens, cast: Cast): Promise<GraphSource> {
  const { run, model, context, descriptions, scorer, network } = open
  const extended = extendModel({ model, context, descriptions, scaling: run.config.attributeScaling }, cast)
  const { feeds } = await scorer.describe(extended.model, extended.classes, extended.visual)
  const rule = edgeRuleOf(run.config)

  const learned = async (step: number): Promise<NamedTensors> => (await open.program(network.graphs[step])).run(feeds)
  /** Of one step; both spaces are made in one go. */
  let last: { step: number; made: Promise<NamedTensors> } | null = null
  const graphs = (step: number): Promise<NamedTensors> => {
    if (last?.step !== step) last = { step, made: learned(step) }
    return last.made
  }

  return {
    name: run.datasetName,
    caption: [run.id],
    classes: await classesOf(open, extended),
    propagationSteps: run.config.propagationSteps,
    rule,
    spaceOf: (space) => space,
    graph: async (space, step, asked): Promise<SpaceGraph> => {
      const C = extended.classes.length
      if (!isLearned(space))
        return ofRows(await lens.look(inputRows(space, extended, feeds, open.widths.attributes), C, asked))
      const made = await graphs(step)
      const part = (name: string): Float32Array => made[`${space}${name}`].data
      if (sameRule(asked, rule)) {
        const [cosine, attention, degrees, after] = ['Cosine', 'Attention', 'Degrees', 'After'].map(part)
        return { cosine, attention, degrees, after }
      }
      const explored = await lens.look(part('Rows'), C, asked)
      // The last graph propagates nothing.
      return step < run.config.propagationSteps ? explored : ofRows(explored)
    },
  }
}

/** What goes into the network, a row for each class. */
function inputRows(
  space: 'attributes' | 'features',
  { model, classes }: ExtendedModel,
  feeds: DescribedClasses['feeds'],
  K: number,
): Float32Array {
  // The means that the network is fed, those that an anchor lends included.
  if (space === 'features') return (feeds.classMeans as NamedTensor).data
  return known(gatherRows(model.attributes, K, classes))
}

async function classesOf({ folder, context, descriptions }: OpenRun, { list }: ExtendedModel): Promise<GraphClass[]> {
  const measured = new Map((await readEvaluation(folder)).perClass.map((one) => [one.class, one]))
  const trained = new Map(
    Array.from(context.seenClasses, (one, at) => [context.classNames[one], descriptions.trainingImages[at]]),
  )
  return list.map(({ name, role }) => {
    // A described class may bear the name of one that was measured.
    const own = role === 'yours' ? undefined : measured.get(name)
    return {
      ...{ name, role },
      images: role === 'yours' ? 0 : (trained.get(name) ?? 0) + (own?.images ?? 0),
      accuracy: own?.accuracy ?? null,
    }
  })
}
