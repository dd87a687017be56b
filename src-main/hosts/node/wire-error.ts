import { AppError, toWireError, type WireError } from '../../contract/index.ts'

/** A refusal for a page. What an error of ours says stays here, in the log. */
export function loggedWireError(thrown: unknown): WireError {
  if (!(thrown instanceof AppError)) console.error(thrown)
  return toWireError(thrown)
}
