import type { Confidence, Phase, TrainingConfig } from '../../contract/index.ts'
import type { Engine } from '../compute/engine.ts'
import type { Dataset } from '../datasets/index.ts'
import {
  carriedConfidence,
  describeHoldOuts,
  gammaRatio,
  summariseHoldOuts,
  type HoldOutOutcome,
  type RunFigures,
} from '../evaluation/held-out.ts'
import { summariseFirstPhotos } from '../evaluation/first-photos.ts'
import type { Measured } from '../evaluation/measure.ts'
import { createScorer, type Model } from '../inference/scorer.ts'
import { createNetwork } from '../method/network.ts'
import { countParameters } from '../method/parameters.ts'
import { scaleFeatures } from '../method/scaling.ts'
import { scoreScale, type HeldOutFigures } from './judge.ts'
import { measureModel } from './measure-model.ts'
import type { ConductPhase, PhaseInput, PhaseOutput, PhaseState } from './phase.ts'
import { allClasses, createProtocol, type Protocol } from './protocol.ts'
import type { TrainingProgress } from './train.ts'

export interface IpnWatcher {
  step(phase: Phase, progress: TrainingProgress): void
  heldOut(phase: Phase, episode: number, figures: HeldOutFigures): void
}

export interface IpnRun {
  readonly dataset: Dataset
  readonly config: TrainingConfig
  readonly seed: number
  /** For the measurement at the end. */
  readonly engine: Engine
  readonly conduct: ConductPhase
  /** How many phases run at once. They share nothing, so that it changes no figure. */
  readonly lanes: number
  /** Folder of the run, where the film of its graphs is kept; null: nowhere. */
  readonly film: string | null
  /** Where each phase is that has begun, by its index (from 1). */
  readonly from: ReadonlyMap<number, PhaseState>
  readonly watcher: IpnWatcher
  readonly signal: AbortSignal
}

export interface IpnOutcome {
  readonly model: Model
  readonly gamma: number
  /** null where every hold-out was judged by a version that fitted none. */
  readonly confidence: Confidence | null
  readonly measured: Measured
  readonly figures: RunFigures
}

/**
 * METHOD.md section 12 from beginning to end: train and judge the recipe on each class hold-out, carry γ over, train on
 * all of trainval, then open the test once. null when it was told to stop.
 */
export async function runIpn(run: IpnRun): Promise<IpnOutcome | null> {
  const { dataset, config, seed, engine } = run
  const widths = { attributes: dataset.attributeNames.length, features: dataset.manifest.counts.features! }
  const protocol = createProtocol(dataset, { holdOuts: config.holdOuts, seed })
  const final = protocol.final()
  const scaled = () => scaleFeatures(dataset.features!, widths.features, config.featureScaling, final.train)
  // `l2` works in place, once for all phases; `standard` is another one for each of them.
  if (config.featureScaling === 'l2') scaled()
  const trained = await runPhases(run, phaseInputs(run, protocol))
  if (!trained) return null
  const { outcomes, model } = trained

  const features = config.featureScaling === 'standard' ? scaled() : dataset.features!
  const scorer = await createScorer(engine, config, widths)
  try {
    const judged = { scorer, model, features, labels: dataset.labels }
    const scale = await scoreScale(judged, final, seed)
    const measured = await measureModel(judged, { ...final, ...protocol.openTest() })
    const { semantic, visual } = (await scorer.span(model, allClasses(final))).meanDegrees
    return {
      model,
      gamma: gammaRatio(outcomes) * scale,
      confidence: carriedConfidence(outcomes, scale),
      measured,
      figures: {
        episodes: config.episodes,
        parameters: countParameters(createNetwork(config, widths).parameters),
        ...summariseHoldOuts(outcomes),
        heldOutClasses: outcomes.flatMap(({ classes }, at) =>
          classes.map((one) => ({ ...one, class: dataset.classNames[one.class], holdOut: at + 1 })),
        ),
        firstPhotos: summariseFirstPhotos(outcomes.map(({ firstPhotos }) => firstPhotos)),
        graph: { semanticMeanDegree: semantic.at(-1)!, visualMeanDegree: visual.at(-1)! },
        selection: `γ was chosen on ${describeHoldOuts(outcomes.length)} and carried over by the spread of the scores; the number of episodes was fixed beforehand. No test image was used.`,
      },
    }
  } finally {
    await scorer.release()
  }
}

/** The hold-outs, then the final training. */
function phaseInputs({ dataset, config, seed, film, from }: IpnRun, protocol: Protocol): PhaseInput[] {
  const { labels, attributes, attributeNames, manifest } = dataset
  const featureWidth = manifest.counts.features!
  const lists = [...protocol.holdOuts(), protocol.final()]
  const widths = { featureWidth, attributeWidth: attributeNames.length }
  const common = { config, seed, film, features: dataset.features!, labels, attributes, ...widths }
  return lists.map((one, at) => {
    const kind = at < lists.length - 1 ? 'hold-out' : 'final'
    const phase: Phase = { index: at + 1, count: lists.length, kind }
    return { ...common, phase, lists: one, from: from.get(phase.index) ?? null }
  })
}

/** Every phase, `lanes` of them at a time. The first that fails ends the others, which keep their state first. */
async function runPhases(
  { conduct, lanes, watcher, signal }: IpnRun,
  phases: readonly PhaseInput[],
): Promise<{ outcomes: HoldOutOutcome[]; model: Model } | null> {
  const failing = new AbortController()
  const ending = AbortSignal.any([signal, failing.signal])
  const outputs = phases.map(({ from }): PhaseOutput | null =>
    from?.outcome ? { kind: 'hold-out', outcome: from.outcome } : null,
  )
  const waiting = phases.filter((_, at) => !outputs[at])
  const lane = async (): Promise<void> => {
    for (let input = waiting.shift(); input && !ending.aborted; input = waiting.shift()) {
      const { phase } = input
      outputs[phase.index - 1] = await conduct(
        input,
        {
          step: (progress) => watcher.step(phase, progress),
          heldOut: (episode, figures) => watcher.heldOut(phase, episode, figures),
        },
        ending,
      )
    }
  }
  const ends = await Promise.allSettled(
    Array.from({ length: lanes }, () =>
      lane().catch((thrown: unknown) => {
        failing.abort()
        throw thrown
      }),
    ),
  )
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
  const outcomes = outputs.flatMap((one) => (one?.kind === 'hold-out' ? [one.outcome] : []))
  const last = outputs.at(-1)
  return last?.kind === 'final' && outcomes.length === phases.length - 1 ? { outcomes, model: last.model } : null
}
