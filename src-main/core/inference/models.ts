import { join } from 'node:path'
import { AppError, type DatasetManifest, type RunId, type RunSummary } from '../../contract/index.ts'
import type { ExplanationQuestions } from '../explanation/questions.ts'
import type { RunningService, Services } from '../jobs/services.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { ModelQuestions } from './model-service.ts'

export interface Models {
  /** The model of a finished IPN run. Throws `run/unknown`, `run/unfinished` or `run/no-graphs`. */
  of(run: RunId): RunningService<ModelQuestions>
  /** The model of a finished run of either method, for its reasons. Throws `run/unknown` or `run/unfinished`. */
  explainerOf(run: RunId): RunningService<ExplanationQuestions>
  /** What was opened for a run is put away: it was removed, say. */
  forget(run: RunId): void
}

type Closable = Pick<RunningService<unknown>, 'close'>

/** Models kept warm at once; each holds some tens to hundreds of megabytes. */
const mostOpen = 2

export function createModels(
  services: Pick<Services, 'open'>,
  workspace: Workspace,
  runs: { list(): RunSummary[] },
  datasets: { list(): DatasetManifest[] },
): Models {
  const open = new Map<RunId, Closable>()
  const forget = (id: RunId): void => {
    void open.get(id)?.close()
    open.delete(id)
  }
  const warm = <S extends Closable>(id: RunId, start: () => S): S => {
    // A run has one method for good.
    const model = (open.get(id) as S | undefined) ?? start()
    // Asked last, put away last.
    open.delete(id)
    open.set(id, model)
    for (const old of [...open.keys()].slice(0, -mostOpen)) forget(old)
    return model
  }
  const placeOf = (run: RunSummary) => ({
    folder: join(workspace.runs, run.id),
    run,
    dataset: datasets.list().some((one) => one.id === run.dataset) ? join(workspace.datasets, run.dataset) : null,
  })
  const of: Models['of'] = (id) => {
    const run = requireGraphs(requireFinished(runs.list(), id))
    return warm(id, () => services.open('model', placeOf(run), run.datasetName))
  }
  return {
    of,
    explainerOf: (id) => {
      const run = requireFinished(runs.list(), id)
      return run.method === 'ipn' ? of(id) : warm(id, () => services.open('eszsl', placeOf(run), run.datasetName))
    },
    forget,
  }
}

function requireFinished(runs: readonly RunSummary[], id: RunId): RunSummary {
  const run = runs.find((one) => one.id === id)
  if (!run)
    throw new AppError('run/unknown', `There is no run “${id}”.`, { next: 'Choose one of the runs in the list.' })
  if (run.result === null) {
    throw new AppError('run/unfinished', 'This run has no finished model yet.', { next: 'Let its training finish.' })
  }
  return run
}

function requireGraphs(run: RunSummary): RunSummary {
  if (run.method === 'ipn') return run
  throw new AppError(
    'run/no-graphs',
    'This is a run of ESZSL, which knows neither category graphs nor visual anchors.',
    {
      next: 'Choose an IPN run.',
    },
  )
}
