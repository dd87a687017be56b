import type { BackendEvent, BackendListener, Snapshot } from '../contract/index.ts'

/** Numbers the events and tells every listener; each gets a snapshot first. */
export interface EventHub {
  readonly emit: (event: BackendEvent) => void
  readonly subscribe: (listener: BackendListener) => () => void
}

/** `snapshot` must already contain what an event says when that is emitted. */
export function createEventHub(
  snapshot: () => Snapshot,
  log: (line: string) => void = (line) => console.error(line),
): EventHub {
  const listeners = new Set<BackendListener>()
  let sequence = 0
  return {
    emit(event) {
      const numbered = { sequence: ++sequence, event }
      for (const listener of [...listeners]) {
        try {
          listener.event(numbered)
        } catch (error) {
          // Its own fault and nobody else's: the other listeners hear of the event, and the emitter goes on.
          log(`A listener of events failed: ${error instanceof Error ? error.stack : String(error)}`)
        }
      }
    },
    subscribe(given) {
      // One's own object, so that the same listener may subscribe twice.
      const listener = { ...given }
      listener.snapshot({ sequence, snapshot: snapshot() })
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
