import { computed, inject, type ComputedRef, type InjectionKey } from 'vue'
import { emptyState, type BackendState, type BackendStore } from './state.ts'
import type { Connection } from './connection.ts'

export interface Unseen extends Connection, BackendStore {}

export const unseenKey: InjectionKey<Unseen> = Symbol('unseen')

/** The backend, its state and the way to its files; for composables. */
export function useUnseen(): Unseen {
  const unseen = inject(unseenKey)
  if (!unseen) throw new Error('useUnseen() outside of the application')
  return unseen
}

/** The state, empty before the first snapshot; pages that must tell the two apart look at `state` itself. */
export function useBackendState(): ComputedRef<BackendState> {
  const { state } = useUnseen()
  return computed(() => state.value ?? emptyState)
}
