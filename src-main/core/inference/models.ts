import { join } from 'node:path'
import { AppError, type DatasetManifest, type RunId, type RunSummary } from '../../contract/index.ts'
import type { RunningService, Services } from '../jobs/services.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { ModelQuestions } from './model-service.ts'

export interface Models {
  /** The model of a finished IPN run. Throws `run/unknown`, `run/unfinished` or `run/no-graphs`. */
  of(run: RunId): RunningService<ModelQuestions>
  /** What was opened for a run is put away: it was removed, say. */
  forget(run: RunId): void
}

/** Models kept warm at once; each holds some tens to hundreds of megabytes. */
const mostOpen = 2

export function createModels(
  services: Pick<Services, 'open'>,
  workspace: Workspace,
  runs: { list(): RunSummary[] },
  datasets: { list(): DatasetManifest[] },
): Models {
  const open = new Map<RunId, RunningService<ModelQuestions>>()
  const forget = (id: RunId): void => {
    void open.get(id)?.close()
    open.delete(id)
  }
  return {
    of: (id) => {
      const run = requireFinished(runs.list(), id)
      const kept = open.get(id)
      // Asked last, put away last.
      open.delete(id)
      const dataset = datasets.list().some((one) => one.id === run.dataset)
        ? join(workspace.datasets, run.dataset)
        : null
      const model = kept ?? services.open('model', { folder: join(workspace.runs, id), run, dataset }, run.datasetName)
      open.set(id, model)
      for (const old of [...open.keys()].slice(0, -mostOpen)) forget(old)
      return model
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
  if (run.method !== 'ipn') {
    throw new AppError(
      'run/no-graphs',
      'This is a run of ESZSL, which knows neither category graphs nor visual anchors.',
      {
        next: 'Choose an IPN run.',
      },
    )
  }
  return run
}
