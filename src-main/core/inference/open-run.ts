import type { RunSummary } from '../../contract/index.ts'
import type { Engine, Program } from '../compute/engine.ts'
import type { Expression } from '../compute/expression.ts'
import { createEngine } from '../devices/engines.ts'
import { createNetwork, type Network } from '../method/network.ts'
import type { DataWidths } from '../method/network-config.ts'
import {
  readClassDescriptions,
  readModel,
  readModelContext,
  type ClassDescriptions,
  type ModelContext,
} from '../training/stored-model.ts'
import { createScorer, type Model, type Scorer } from './scorer.ts'

/** What a service that answers about a run is opened with. */
export interface RunPlace {
  /** Folder of the run. */
  readonly folder: string
  readonly run: RunSummary
  /** Folder of the dataset that it was trained on; null where that is gone. */
  readonly dataset: string | null
}

/** A finished IPN run, ready to be asked; everything is compiled once. */
export interface OpenRun extends RunPlace {
  readonly context: ModelContext
  readonly descriptions: ClassDescriptions
  readonly model: Model
  readonly widths: DataWidths
  readonly engine: Engine
  readonly network: Network
  readonly scorer: Scorer
  /** Compiled at its first use and kept. `outputs` names it: give the same object every time. */
  program(outputs: Readonly<Record<string, Expression>>): Promise<Program>
}

/** Throws `run/no-model`, and `run/no-descriptions` for a run of an earlier version. */
export async function openRun(place: RunPlace): Promise<OpenRun> {
  const { folder, run } = place
  const [context, descriptions, model] = await Promise.all([
    readModelContext(folder),
    readClassDescriptions(folder),
    readModel(folder),
  ])
  const widths = {
    attributes: model.centres.length / run.config.semanticCentres,
    features: model.classMeans.length / model.seenClasses.length,
  }
  const engine = createEngine('cpu')
  const programs = new Map<object, Promise<Program>>()
  return {
    ...place,
    ...{ context, descriptions, model, widths, engine },
    network: createNetwork(run.config, widths),
    scorer: await createScorer(engine, run.config, widths),
    program: (outputs) => {
      const kept = programs.get(outputs)
      if (kept) return kept
      const made = engine.program(outputs)
      programs.set(outputs, made)
      return made
    },
  }
}
