import { AppError, grouped } from '../../contract/index.ts'
import type { OpenRun } from '../inference/open-run.ts'
import { wholeCast } from '../studio/extend-model.ts'
import { framesIn } from './film.ts'
import type { Lens } from './lens.ts'
import { runSource } from './run-source.ts'
import { isLearned, ofRows, type GraphSource } from './source.ts'

/** Of every class that a run's scores span, ascending. */
export const spannedClasses = ({ context }: OpenRun): Int32Array =>
  Int32Array.from([...context.seenClasses, ...context.unseenClasses]).sort()

/** The graphs of a run as they were at one episode of its training; of its own classes alone. */
export async function filmSource(open: OpenRun, lens: Lens, episode: number): Promise<GraphSource> {
  const frames = await framesIn(open.folder, spannedClasses(open))
  const frame = frames.find((one) => one.episode === episode)
  if (!frame) {
    const kept = frames.map((one) => grouped(one.episode))
    throw new AppError('graph/no-such-episode', `This run kept no graphs of episode ${grouped(episode)}.`, {
      next: kept.length > 0 ? `It kept those of ${kept.join(', ')}.` : 'Ask for those of its finished model.',
    })
  }
  const finished = await runSource(open, lens, wholeCast)
  const C = finished.classes.length
  return {
    ...finished,
    caption: [...finished.caption, `after episode ${grouped(episode)}`],
    graph: async (space, step, rule) => {
      if (!isLearned(space)) return finished.graph(space, step, rule)
      let rows = frame[space]
      for (let t = 0; t < step; t++) rows = (await lens.look(rows, C, finished.rule)).next
      const graph = await lens.look(rows, C, rule)
      return step < open.run.config.propagationSteps ? graph : ofRows(graph)
    },
  }
}
