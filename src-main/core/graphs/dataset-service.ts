import type { DatasetId, ExportedFile, GraphLayout, Twins } from '../../contract/index.ts'
import { createDatasetStore } from '../datasets/index.ts'
import { createEngine } from '../devices/engines.ts'
import type { Service } from '../jobs/service.ts'
import { createAnswers, type AskedFile, type AskedLayout } from './answers.ts'
import { datasetSource } from './dataset-source.ts'
import { createLens } from './lens.ts'
import type { Asked } from './twins.ts'

export interface DatasetPlace {
  /** Folder of the workspace. */
  readonly workspace: string
  readonly dataset: DatasetId
}

// A type, not an interface: only that is also a table of questions.
export type DatasetGraphQuestions = {
  twins(asked: Asked): Promise<Twins>
  layOut(asked: AskedLayout): Promise<GraphLayout>
  exportTwins(asked: AskedFile): Promise<ExportedFile>
}

/** The attention factor of the default recipe (METHOD.md section 2). */
const sharpness = 10

export const datasetGraphService: Service<DatasetPlace, DatasetGraphQuestions> = {
  open: async ({ workspace, dataset }) => {
    const store = createDatasetStore(workspace)
    const lens = createLens(createEngine('cpu'), sharpness)
    const answers = createAnswers(datasetSource(await store.open(dataset), lens))
    return {
      twins: (asked) => answers.twins(asked),
      layOut: (asked) => answers.layOut(asked),
      exportTwins: (asked) => answers.file(asked),
    }
  },
}
