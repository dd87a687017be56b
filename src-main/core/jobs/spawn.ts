/** A process that runs one task, as the host started it. Messages cross by structured clone, in order. */
export interface JobProcess {
  send(message: unknown): void
  onMessage(listener: (message: unknown) => void): void
  /** Called once, also when the process could not be started (both null then). */
  onExit(listener: (code: number | null, signal: string | null) => void): void
  /** Ends it at once, without asking. */
  kill(): void
  /** The last lines it wrote to its error output, where the host sees them. */
  stderr?(): string
}

/** How the host starts one: `utilityProcess` under Electron, a forked Node elsewhere. */
export type SpawnJob = () => JobProcess
