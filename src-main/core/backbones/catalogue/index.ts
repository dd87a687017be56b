export { download, partialBytes, type DownloadOptions } from './download.ts'
export { catalogue, type CatalogueEntry } from './entries.ts'
