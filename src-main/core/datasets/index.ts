export { datasetCommands, type DatasetCommands } from './commands.ts'
export type { Dataset, Splits } from './dataset.ts'
export { createDatasetStore, type DatasetStore } from './store.ts'
