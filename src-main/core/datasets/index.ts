export type { Dataset } from './dataset.ts'
export { createDatasetStore } from './store.ts'
