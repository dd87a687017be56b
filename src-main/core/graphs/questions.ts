import type { ExportedFile, GraphFilm, GraphLayout, Twins } from '../../contract/index.ts'
import type { OpenRun } from '../inference/open-run.ts'
import type { Cast } from '../studio/extend-model.ts'
import { createAnswers, type AskedFile, type AskedLayout } from './answers.ts'
import { filmSource, spannedClasses } from './film-source.ts'
import { filmOf, framesIn } from './film.ts'
import { lastKept } from './last-kept.ts'
import { createLens } from './lens.ts'
import { runSource } from './run-source.ts'
import type { Asked } from './twins.ts'

export interface RunGraphs<A extends Asked = Asked> {
  /** Of a state that was kept while it trained; null: the finished model. */
  readonly episode: number | null
  /** The person's classes that take part in the finished model's. */
  readonly cast: Cast
  readonly asked: A
}

// A type, not an interface: only that is also a table of questions.
export type GraphQuestions = {
  twins: (question: RunGraphs) => Promise<Twins>
  layOut: (question: RunGraphs<AskedLayout>) => Promise<GraphLayout>
  exportTwins: (question: RunGraphs<AskedFile>) => Promise<ExportedFile>
  film: (nothing: null) => Promise<GraphFilm>
}

export function graphQuestions(run: OpenRun): GraphQuestions {
  const lens = createLens(run.engine, run.run.config.attentionSharpness)
  // The same cast comes with every movement of a control.
  const answersFor = lastKept(keyOf, async ({ cast, episode }: RunGraphs) =>
    createAnswers(episode === null ? await runSource(run, lens, cast) : await filmSource(run, lens, episode)),
  )
  return {
    twins: async (question) => (await answersFor(question)).twins(question.asked),
    layOut: async (question) => (await answersFor(question)).layOut(question.asked),
    exportTwins: async (question) => (await answersFor(question)).file(question.asked),
    film: async () => filmOf(await framesIn(run.folder, spannedClasses(run))),
  }
}

const keyOf = ({ cast, episode }: RunGraphs): string =>
  JSON.stringify([episode, cast], (_, value: unknown) => (value instanceof Float32Array ? [...value] : value))
