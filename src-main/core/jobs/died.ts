import { AppError } from '../../contract/index.ts'

/** A process ended in the middle of its work. */
export function jobDied(title: string, code: number | null, signal: string | null): AppError {
  const how =
    signal !== null
      ? `was ended by the system (${signal})`
      : code !== null
        ? `ended unexpectedly (exit code ${code})`
        : 'could not be started'
  return new AppError('job/died', `The process that worked on “${title}” ${how}.`, {
    next: 'Everything else goes on. Try again; if it happens again, close other programs: memory may be short.',
    details: { signal, exitCode: code },
  })
}
