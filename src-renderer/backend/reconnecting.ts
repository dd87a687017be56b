import { ref } from 'vue'
import {
  AppError,
  commands,
  type Backend,
  type BackendListener,
  type CommandName,
} from '../../src-main/contract/index.ts'
import type { ConnectionStatus } from './connection.ts'

/** One life of the wire. `closed` calls back once, when it has ended. */
export interface Link {
  readonly backend: Backend
  closed(listener: () => void): void
}

const shortestWait = 250 // ms; doubles with every failure
const longestWait = 8000 // ms; a laptop that wakes up should not wait longer

/**
 * A backend that outlives its wire: opens a link, opens the next when that one ends, and subscribes every listener
 * again (the snapshot that a new subscription starts with repairs whatever was missed).
 */
export function reconnecting(
  open: () => Promise<Link>,
  wait = (ms: number) => new Promise((go) => setTimeout(go, ms)),
) {
  const status = ref<ConnectionStatus>('connecting')
  const listeners = new Map<BackendListener, (() => void) | undefined>()
  let link: Link | undefined

  async function establish(): Promise<void> {
    for (let delay = shortestWait; ; delay = Math.min(delay * 2, longestWait)) {
      try {
        link = await open()
        break
      } catch (error) {
        if (error instanceof AppError && error.code === 'web/not-signed-in') status.value = 'signed-out'
        await wait(delay)
      }
    }
    status.value = 'online'
    link.closed(() => {
      link = undefined
      status.value = 'reconnecting'
      void wait(shortestWait).then(establish)
    })
    for (const listener of listeners.keys()) listeners.set(listener, link.backend.subscribe(listener))
  }

  const first = establish()

  async function call(name: CommandName, input: unknown): Promise<unknown> {
    if (status.value === 'connecting') await first
    if (!link)
      throw new AppError('connection/lost', 'The application’s background service cannot be reached at the moment.', {
        next: 'It is being reconnected; try again in a few seconds. Work that was running goes on.',
      })
    return (link.backend[name] as (input: unknown) => Promise<unknown>)(input)
  }

  const byName = Object.fromEntries(
    (Object.keys(commands) as CommandName[]).map((name) => [name, (input: unknown) => call(name, input)]),
  ) as unknown as Omit<Backend, 'subscribe'>

  const backend: Backend = {
    ...byName,
    subscribe(listener) {
      listeners.set(listener, link?.backend.subscribe(listener))
      return () => {
        listeners.get(listener)?.()
        listeners.delete(listener)
      }
    },
  }

  return { backend, status }
}
