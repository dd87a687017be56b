import { AppError } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import type { Expression } from '../compute/expression.ts'
import { calibratedStacking } from '../evaluation/calibrated-stacking.ts'
import { meanPerClassAccuracy } from '../evaluation/accuracy.ts'
import { createScorer } from '../inference/scorer.ts'
import { createNetwork, type Network } from '../method/network.ts'
import { feedRows } from '../training/episode-feeds.ts'
import { error, tensor, tensors, type Nested } from './nested.ts'
import { goldenProblemSchema, type GoldenProblem } from './problem.ts'
import { episodeGraph, feedEpisode, stepErrors, type StepErrors } from './steps.ts'

/** Largest errors by METHOD.md section 10's measure. */
export interface GoldenErrors extends StepErrors {
  readonly forward: number
  /** null where the problem has no such part. */
  readonly evaluation: number | null
}

/** What METHOD.md section 10 allows an implementation in float32. */
export const goldenTolerance = 1e-4

export function parseGoldenProblem(value: unknown): GoldenProblem {
  const parsed = goldenProblemSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new AppError('golden/not-a-problem', `This is not a golden file: ${issue.path.join('.')}: ${issue.message}`)
}

/**
 * Solves a golden problem on a device and measures how far off it is. Its steps are fed as the trainings on that device
 * are: with every row, or with the numbers of rows that are taken from what is kept there.
 */
export async function checkGolden(problem: GoldenProblem, engine: Engine): Promise<GoldenErrors> {
  const { config } = problem
  const network = createNetwork(networkConfig(problem), { attributes: config.attributes, features: config.features })
  const forward = await forwardError(problem, engine, network)
  const steps = await stepErrors(problem, engine, network)
  return { forward, ...steps, evaluation: await evaluationError(problem, engine) }
}

const networkConfig = ({ config, inputs }: GoldenProblem) => ({
  ...config,
  semanticCentres: inputs.centres.length,
  anchors: 1,
})

async function forwardError(problem: GoldenProblem, engine: Engine, network: Network): Promise<number> {
  const { config, forward } = problem
  const fed = feedEpisode(problem, feedRows)
  const episode = episodeGraph(problem, network, fed)
  const feeds = { ...fed.feeds, ...tensors(problem.parameters) }
  if (episode.steps.length !== forward.steps.length) {
    throw new AppError(
      'golden/not-a-problem',
      `${config.propagationSteps} steps do not fit ${forward.steps.length} answers.`,
    )
  }
  const expected = new Map<string, Nested>([
    ['prototypes', forward.prototypes],
    ['logits', forward.logits],
    ['crossEntropy', forward.crossEntropy],
    ['consistency', forward.consistency],
    ['loss', forward.loss],
  ])
  const outputs: Record<string, Expression> = {
    prototypes: episode.prototypes,
    logits: episode.scores,
    crossEntropy: episode.outputs.classification,
    consistency: episode.outputs.consistency,
    loss: episode.loss,
  }
  const programs = [outputs]
  episode.steps.forEach((step, t) => {
    const reference = forward.steps[t]
    // One program per step keeps each within a graphics card's limit on buffers.
    programs.push({
      [`semanticCosine.${t}`]: step.semanticGraph.cosine,
      [`semanticAttention.${t}`]: step.semanticGraph.attention,
      [`visualCosine.${t}`]: step.visualGraph.cosine,
      [`visualAttention.${t}`]: step.visualGraph.attention,
      [`semantic.${t}`]: step.semantic,
      [`visual.${t}`]: step.visual,
    })
    // The same graphs as a picture of them is drawn from, which varies in its number of classes.
    const { semanticCosine, semanticAttention, visualCosine, visualAttention } = network.graphs[t]
    const drawn = { semanticCosine, semanticAttention, visualCosine, visualAttention }
    programs.push(Object.fromEntries(Object.entries(drawn).map(([name, output]) => [`${name}.${t}`, output])))
    for (const [name, values] of Object.entries(reference)) expected.set(`${name}.${t}`, values)
  })
  let largest = 0
  for (const wanted of programs) {
    const program = await engine.program(wanted)
    const results = await program.run(feeds)
    for (const [name, { data }] of Object.entries(results))
      largest = Math.max(largest, error(data, expected.get(name)!, 1e-6))
    await program.release()
  }
  return largest
}

/** Columns of `scores`, which are in the order of `classes`, in the order in which the file has them. */
function inOrderOf(wanted: readonly number[], classes: Int32Array, scores: Float32Array): Float32Array {
  const C = classes.length
  return scores.map((_, at) => scores[at - (at % C) + classes.indexOf(wanted[at % C])])
}

/** Scores by the measure of tensors; anchors equal; percentages within 0.01 and AUSUC within 1e-4 or the error is infinite. */
async function evaluationError(problem: GoldenProblem, engine: Engine): Promise<number | null> {
  const { config, inputs, evaluation } = problem
  const given = inputs.evaluation
  if (!evaluation || !given) return null
  const scorer = await createScorer(engine, networkConfig(problem), {
    attributes: config.attributes,
    features: config.features,
  })
  try {
    // `classMeans` are in the order of `seen`.
    const model = {
      parameters: tensors(evaluation.parameters),
      centres: tensor(inputs.centres).data,
      attributes: tensor(given.attributes).data,
      seenClasses: Int32Array.from(given.seen),
      classMeans: tensor(given.classMeans).data,
    }
    const unseen = Int32Array.from(given.unseen).sort()
    const all = Int32Array.from([...given.seen, ...given.unseen]).sort()
    const images = tensor(given.images).data
    const labels = Int32Array.from(given.labels)
    const rows = Int32Array.from(labels.keys())

    const wide = await scorer.span(model, all)
    const narrow = await scorer.span(model, unseen)
    const anchorOf = new Map(wide.anchors.map((anchor) => [anchor.class, anchor.from[0].class]))
    const anchorsAgree = given.unseen.every((one, at) => anchorOf.get(one) === evaluation.anchors[at])

    const scores = await wide.scores(images, rows)
    const unseenScores = await narrow.scores(images, rows)
    const off = Math.max(
      error(scores, evaluation.scores, 1e-6),
      error(inOrderOf(given.unseen, unseen, unseenScores), evaluation.scoresUnseenOnly, 1e-6),
    )

    const unseenSet = new Set(given.unseen)
    const unseenRows = Array.from(labels.keys()).filter((row) => unseenSet.has(labels[row]))
    const T1 = meanPerClassAccuracy({
      scores: unseenScores,
      classes: unseen,
      labels,
      rows: Int32Array.from(unseenRows),
    })
    const stacking = calibratedStacking({ scores, classes: all, labels, seenClasses: model.seenClasses })
    const close = (found: number | null, expected: number) => found !== null && Math.abs(found - expected) <= 0.01
    const percentagesAgree = [evaluation.plain, ...evaluation.calibrated].every(({ gamma, U, S, H }) => {
      const at = stacking.accuraciesAt(gamma)
      return close(at.U, U) && close(at.S, S) && close(at.H, H)
    })
    const ausucAgrees = Math.abs((stacking.ausuc() ?? Infinity) - evaluation.ausuc) <= 1e-4
    return anchorsAgree && close(T1, evaluation.T1) && percentagesAgree && ausucAgrees ? off : Infinity
  } finally {
    await scorer.release()
  }
}
