import type { GraphLayout, Twins } from '../../contract/index.ts'
import type { OpenRun } from '../inference/open-run.ts'
import type { Cast } from '../studio/extend-model.ts'
import { createAnswers } from './answers.ts'
import { lastKept } from './last-kept.ts'
import { createLens } from './lens.ts'
import { runSource } from './run-source.ts'
import type { Asked } from './twins.ts'

export interface RunGraphs {
  /** The person's classes that take part. */
  readonly cast: Cast
  readonly asked: Asked
}

// A type, not an interface: only that is also a table of questions.
export type GraphQuestions = {
  twins(question: RunGraphs): Promise<Twins>
  layOut(question: RunGraphs): Promise<GraphLayout>
}

export function graphQuestions(run: OpenRun): GraphQuestions {
  const lens = createLens(run.engine, run.run.config.attentionSharpness)
  // The same cast comes with every movement of a control.
  const answersFor = lastKept(keyOf, async ({ cast }: RunGraphs) => createAnswers(await runSource(run, lens, cast)))
  return {
    twins: async (question) => (await answersFor(question)).twins(question.asked),
    layOut: async (question) => (await answersFor(question)).layOut(question.asked),
  }
}

const keyOf = ({ cast }: RunGraphs): string =>
  JSON.stringify(cast, (_, value: unknown) => (value instanceof Float32Array ? [...value] : value))
