import { createBirpc } from 'birpc'
import type { z } from 'zod'
import {
  commands,
  type Backend,
  type BackendListener,
  type CommandInput,
  type CommandName,
  type Numbered,
  type NumberedSnapshot,
} from './backend.ts'
import { AppError, fromWireError, toWireError, wireErrorSchema } from './errors.ts'
import { grouped } from './numbers.ts'

/** Two-way, in order, each message whole: a MessagePort, a WebSocket, a pair of functions. */
export interface Channel {
  send(message: unknown): void
  receive(listener: (message: unknown) => void): void
  /** Called once, when the other end is gone or the wire is cut. */
  closed?(listener: () => void): void
  close(): void
}

/** A backend at the far end of a channel. Rejects with `connection/lost` once the channel is closed. */
export type RemoteBackend = Backend & { close(): void }

const mostSubscriptions = 64 // of one page; it needs one

/** What the server tells the client, by its subscription's id. */
interface Deliveries {
  snapshot(id: number, state: NumberedSnapshot): void
  event(id: number, event: Numbered): void
}

/** A channel that cannot send has ended or is about to: its end is what tells. */
const lostAnyway = (): void => undefined

const noTimeout = -1 // an import takes as long as it takes; a lost connection is told otherwise

/** Checks a command's input and fills in its defaults. Throws `contract/invalid-arguments`. */
export function checkInput<N extends CommandName>(name: N, input: unknown): CommandInput<N> {
  const schema: z.ZodType = commands[name].input
  const result = schema.safeParse(input)
  // What came out of the schema goes into it again: defaults are only filled in.
  if (result.success) return result.data as CommandInput<N>
  const [issue] = result.error.issues
  throw new AppError('contract/invalid-arguments', sentenceOf(issue), {
    next: 'Nothing was done. Correct this and try again.',
    details: { command: name, field: issue.path.join('.') },
  })
}

/** For a person: she may have dropped too much or typed too far. What else is wrong here is a fault of the page's. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  const field = issue.path.join('.')
  const what = field === 'grants' ? 'The files and folders' : `“${field}”`
  if (issue.code !== 'too_big' && issue.code !== 'too_small') {
    return field === '' ? 'This request is not understood.' : `${what} is missing or not understood.`
  }
  const bound =
    issue.code === 'too_big'
      ? `${issue.inclusive === false ? 'less than' : 'at most'} ${grouped(issue.maximum)}`
      : `${issue.inclusive === false ? 'more than' : 'at least'} ${grouped(issue.minimum)}`
  if (issue.origin === 'array') return `${what} must number ${bound}.`
  return issue.origin === 'string' ? `${what} must have ${bound} characters.` : `${what} must be ${bound}.`
}

/** Lets whoever is at the other end of the channel use the backend. Ends with the channel, or by what it returns. */
export function serve(backend: Backend, channel: Channel): () => void {
  const subscriptions = new Map<number, () => void>()
  let ended = false

  const calls: Record<string, (input: unknown) => unknown> = {
    subscribe(id) {
      checkId(id)
      // Again with the same id is a request for a new snapshot.
      unsubscribe(id)
      if (subscriptions.size >= mostSubscriptions) throw new AppError('contract/refused', 'Too many subscriptions.')
      const end = backend.subscribe({
        snapshot: (state) => void rpc.$callEvent('snapshot', id, state).catch(lostAnyway),
        event: (event) => void rpc.$callEvent('event', id, event).catch(lostAnyway),
      })
      if (ended) end()
      else subscriptions.set(id, end)
    },
    unsubscribe,
  }
  for (const name of Object.keys(commands) as CommandName[]) {
    const command = backend[name] as (input: unknown) => Promise<unknown>
    calls[name] = (input) => command(checkInput(name, input))
  }

  function unsubscribe(id: unknown): void {
    checkId(id)
    subscriptions.get(id)?.()
    subscriptions.delete(id)
  }

  const rpc = createBirpc<Deliveries, object, false>(
    {},
    {
      proxify: false,
      timeout: noTimeout,
      post: (message) => {
        if (!ended) channel.send(message)
      },
      on: (listener) => channel.receive((message) => isRequest(message) && listener(message)),
      resolver: (name) => async (input: unknown) => {
        try {
          const call = Object.hasOwn(calls, name) ? calls[name] : undefined
          if (call === undefined) throw new AppError('contract/unknown-command', `There is no command “${name}”.`)
          return await call(input)
        } catch (thrown) {
          // An Error loses its code on the way, so that what crosses is data.
          // eslint-disable-next-line @typescript-eslint/only-throw-error
          throw toWireError(thrown)
        }
      },
      onGeneralError: () => true,
    },
  )

  function end(): void {
    if (ended) return
    ended = true
    for (const stop of subscriptions.values()) stop()
    subscriptions.clear()
    rpc.$close()
  }
  channel.closed?.(end)
  return () => {
    end()
    channel.close()
  }
}

/** The backend at the other end of the channel, as if it were here. */
export function connect(channel: Channel): RemoteBackend {
  const listeners = new Map<number, BackendListener>()
  let nextId = 1
  let closed = false

  const rpc = createBirpc<Record<string, (...input: unknown[]) => unknown>, Deliveries, false>(
    {
      snapshot: (id, state) => listeners.get(id)?.snapshot(state),
      event: (id, event) => listeners.get(id)?.event(event),
    },
    {
      proxify: false,
      timeout: noTimeout,
      post: (message) => channel.send(message),
      on: (listener) => channel.receive((message) => isObject(message) && listener(message)),
    },
  )

  async function call(name: string, input: unknown): Promise<unknown> {
    if (closed) throw connectionLost()
    try {
      return await rpc.$call(name, input)
    } catch (thrown) {
      const wire = wireErrorSchema.safeParse(thrown)
      throw thrown instanceof AppError ? thrown : wire.success ? fromWireError(wire.data) : thrown
    }
  }

  function lose(): void {
    if (closed) return
    closed = true
    listeners.clear()
    rpc.$close(connectionLost())
  }
  channel.closed?.(lose)

  const remote = Object.fromEntries(
    (Object.keys(commands) as CommandName[]).map((name) => [name, (input: unknown) => call(name, input)]),
  ) as Omit<Backend, 'subscribe'>
  return {
    ...remote,
    subscribe(listener) {
      const id = nextId++
      // A lost connection ends every subscription; who connects again subscribes again.
      const request = (): void => void call('subscribe', id).catch(() => undefined)
      listeners.set(id, createReceiver(listener, request))
      request()
      return () => {
        if (listeners.delete(id) && !closed) call('unsubscribe', id).catch(() => undefined)
      }
    },
    close() {
      lose()
      channel.close()
    },
  }
}

/** Lets events through in order, each once; asks for a new snapshot where one is missing. */
function createReceiver(listener: BackendListener, requestSnapshot: () => void): BackendListener {
  let last: number | undefined // number of the last event that the listener knows of; undefined: waits for a snapshot
  return {
    snapshot(state) {
      last = state.sequence
      listener.snapshot(state)
    },
    event(numbered) {
      if (last === undefined || numbered.sequence <= last) return
      if (numbered.sequence === last + 1) {
        last = numbered.sequence
        listener.event(numbered)
      } else {
        last = undefined
        requestSnapshot()
      }
    },
  }
}

function connectionLost(): AppError {
  return new AppError('connection/lost', 'The connection to the application was lost.', {
    next: 'What runs goes on. Wait until the connection is back, or open the window again.',
  })
}

function checkId(id: unknown): asserts id is number {
  if (!Number.isSafeInteger(id)) throw new AppError('contract/refused', 'A subscription needs a number.')
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** A page sends requests only; anything else from it (answers to nothing, shapes that would throw) is dropped. */
const isRequest = (message: unknown): boolean =>
  isObject(message) &&
  message['t'] === 'q' &&
  typeof message['i'] === 'string' &&
  typeof message['m'] === 'string' &&
  Array.isArray(message['a'])
