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

/** Any thrown value in wire form. An unexpected error keeps its message and loses its stack: that belongs in the log. */
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
    message: thrown instanceof Error ? thrown.message : String(thrown),
    next: 'This is a fault of the application. Nothing you imported or trained was changed; please report it.',
  }
}

export function fromWireError(wire: WireError): AppError {
  return new AppError(wire.code as ErrorCode, wire.message, {
    ...(wire.next === undefined ? {} : { next: wire.next }),
    ...(wire.details === undefined ? {} : { details: wire.details }),
  })
}
