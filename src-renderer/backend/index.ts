import { computed, inject, type ComputedRef, type InjectionKey } from 'vue'
import type { BackendState, BackendStore } from './state.ts'
import type { Connection } from './connection.ts'

export interface Unseen extends Connection, BackendStore {}

export const unseenKey: InjectionKey<Unseen> = Symbol('unseen')

/** The backend, its state and the way to its files; for composables. */
export function useUnseen(): Unseen {
  const unseen = inject(unseenKey)
  if (!unseen) throw new Error('useUnseen() outside of the application')
  return unseen
}

const nothing: BackendState = {
  about: { version: '', workspace: '', host: 'web' },
  datasets: [],
  runs: [],
  jobs: [],
  devices: [],
  metrics: {},
}

/** The state, empty before the first snapshot; pages that must tell the two apart look at `state` itself. */
export function useBackendState(): ComputedRef<BackendState> {
  const { state } = useUnseen()
  return computed(() => state.value ?? nothing)
}

export type { Connection, FileAccess, FolderBrowser, FolderListing, PickedFile, UploadProgress } from './connection.ts'
export { pickedFiles } from './drop.ts'
