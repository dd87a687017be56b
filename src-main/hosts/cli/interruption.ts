import { AppError } from '../../contract/index.ts'
import type { Output } from './output.ts'

export const cancelled = (message: string, next?: string): AppError =>
  new AppError('cli/cancelled', message, next === undefined ? {} : { next })

/** A cancelled job is this shell's Ctrl-C. */
export function asCancelled(error: unknown): never {
  if (error instanceof AppError && error.code.endsWith('/cancelled')) throw cancelled('Cancelled; nothing was changed.')
  throw error
}

/** Ctrl-C: the first asks what is running to stop, the second quits. */
export class Interruption {
  readonly #output: Output
  #stop: (() => void) | null = null
  #asked = false

  constructor(output: Output) {
    this.#output = output
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.#interrupt())
  }

  /** While `work` is under way, the first Ctrl-C calls `stop`. */
  async during<T>(stop: () => void, work: Promise<T>): Promise<T> {
    this.#stop = stop
    try {
      return await work
    } finally {
      this.#stop = null
    }
  }

  /** Resolves at the first Ctrl-C. */
  asked(): Promise<void> {
    return new Promise((resolve) => (this.#stop = resolve))
  }

  #interrupt(): void {
    if (this.#stop && !this.#asked) {
      this.#asked = true
      this.#stop()
      return
    }
    this.#output.failure({ code: 'cli/cancelled', message: 'Cancelled.' })
    process.exit(exitCodes.cancelled)
  }
}

export const exitCodes = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const
