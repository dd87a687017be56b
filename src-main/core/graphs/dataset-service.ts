import type { Service } from '../jobs/service.ts'

export interface DatasetPlace {
  /** Folder of the dataset. */
  readonly folder: string
}

export const datasetGraphService: Service<DatasetPlace, Record<never, never>> = {
  open: (_place) => Promise.resolve({}),
}
