export type { Connection, FileAccess, FolderBrowser, FolderListing, PickedFile, UploadProgress } from './connection.ts'
export { pickedFiles } from './drop.ts'
export { unseenKey, useBackendState, useUnseen, type Unseen } from './unseen.ts'
export { useWork } from './work.ts'
