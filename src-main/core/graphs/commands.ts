import type { z } from 'zod'
import {
  AppError,
  commands,
  twinsQuestionSchema,
  type Backend,
  type DatasetId,
  type DatasetManifest,
} from '../../contract/index.ts'
import type { BackendContext } from '../context.ts'
import type { Models } from '../inference/models.ts'
import type { RunningService, Services } from '../jobs/services.ts'
import { wholeCast } from '../studio/extend-model.ts'
import type { StudioCommands } from '../studio/commands.ts'
import type { DatasetGraphQuestions } from './dataset-service.ts'

export type GraphCommands = Pick<Backend, 'getTwins' | 'layOutTwins' | 'getGraphFilm' | 'exportTwins'>

type RunSubject = Extract<z.output<typeof twinsQuestionSchema>['of'], { kind: 'run' }>

/** Datasets whose graphs stay open at once. */
const mostOpen = 2

/** Category graphs, answered by the processes that hold the models and datasets. */
export function graphCommands(
  { workspace }: BackendContext,
  models: Models,
  services: Pick<Services, 'open'>,
  datasets: { list(): DatasetManifest[] },
  studio: Pick<StudioCommands, 'takingPart'>,
): GraphCommands {
  const open = new Map<DatasetId, { hash: string; service: RunningService<DatasetGraphQuestions> }>()

  /** What was opened is of one content: an edited dataset is opened again. */
  function datasetGraph(id: DatasetId): RunningService<DatasetGraphQuestions> {
    const manifest = datasets.list().find((one) => one.id === id)
    if (!manifest) {
      throw new AppError('dataset/unknown', 'This dataset is not in the workspace.', { next: 'Import it again.' })
    }
    const kept = open.get(id)
    const current = kept?.hash === manifest.contentHash ? kept : null
    if (kept && !current) void kept.service.close()
    const place = { workspace: workspace.directory, dataset: id }
    const entry = current ?? {
      hash: manifest.contentHash,
      service: services.open('dataset-graph', place, manifest.name),
    }
    // Asked last, put away last.
    open.delete(id)
    open.set(id, entry)
    for (const [old, { service }] of [...open].slice(0, -mostOpen)) {
      void service.close()
      open.delete(old)
    }
    return entry.service
  }

  const ofRun = async ({ run, episode, yours }: RunSubject) => ({
    episode,
    // A state of the training knew nothing of them.
    cast: yours && episode === null ? await studio.takingPart(run) : wholeCast,
  })

  return {
    getTwins: async (raw) => {
      const { of, ...asked } = twinsQuestionSchema.parse(raw)
      if (of.kind === 'dataset') return datasetGraph(of.dataset).ask('twins', asked)
      return models.of(of.run).ask('twins', { ...(await ofRun(of)), asked })
    },
    layOutTwins: async (raw) => {
      const { of, ...asked } = commands.layOutTwins.input.parse(raw)
      if (of.kind === 'dataset') return datasetGraph(of.dataset).ask('layOut', asked)
      return models.of(of.run).ask('layOut', { ...(await ofRun(of)), asked })
    },
    getGraphFilm: ({ run }) => models.of(run).ask('film', null),
    exportTwins: async (raw) => {
      const { of, ...asked } = commands.exportTwins.input.parse(raw)
      if (of.kind === 'dataset') return datasetGraph(of.dataset).ask('exportTwins', asked)
      return models.of(of.run).ask('exportTwins', { ...(await ofRun(of)), asked })
    },
  }
}
