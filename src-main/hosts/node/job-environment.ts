import { availableParallelism } from 'node:os'

/** What a job process finds in its environment; what the person set herself wins. */
export function jobEnvironment(own: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  // Photos are decoded on libuv's threads, of which there are four whatever the machine has.
  return { UV_THREADPOOL_SIZE: String(Math.max(4, availableParallelism())), ...own }
}
