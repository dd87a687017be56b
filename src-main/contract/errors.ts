import { z } from 'zod'

/** Stable identity of an expected failure: `area/what-happened`, e.g. `dataset/truncated-file`. */
export type ErrorCode = `${Lowercase<string>}/${Lowercase<string>}`

/** What crosses the wire in place of an Error, whose own fields a structured clone loses. */
export const wireErrorSchema = z.object({
  code: z.string().regex(/^[a-z0-9-]+\/[a-z0-9-]+$/),
  message: z.string(),
  next: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
})
export type WireError = z.infer<typeof wireErrorSchema>

/**
 * An expected failure, told to a person: what happened (`message`), and what to do about it (`next`).
 * Anything thrown that is not an AppError is a bug of ours.
 */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly next: string | undefined
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { next?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.next = options.next
    this.details = options.details ?? {}
  }
}

/** Any thrown value in wire form. What an unexpected error says belongs in the log: it may hold paths and more. */
export function toWireError(thrown: unknown): WireError {
  if (thrown instanceof AppError) {
    return {
      code: thrown.code,
      message: thrown.message,
      ...(thrown.next === undefined ? {} : { next: thrown.next }),
      ...(Object.keys(thrown.details).length === 0 ? {} : { details: thrown.details }),
    }
  }
  return {
    code: 'internal/unexpected',
    message: `Something unexpected happened in Unseen (${kindOf(thrown)}).`,
    next: 'This is a fault of the application. Nothing you imported or trained was changed; please report it, with what the log says.',
  }
}

/** `ENOSPC`, `TypeError`: tells one fault from another in a report. */
function kindOf(thrown: unknown): string {
  const { code, name } = Object(thrown) as { code?: unknown; name?: unknown }
  const word = [code, name].find((text) => typeof text === 'string' && /^\w{1,40}$/.test(text))
  return typeof word === 'string' ? word : typeof thrown
}

export function fromWireError(wire: WireError): AppError {
  return new AppError(wire.code as ErrorCode, wire.message, {
    ...(wire.next === undefined ? {} : { next: wire.next }),
    ...(wire.details === undefined ? {} : { details: wire.details }),
  })
}
