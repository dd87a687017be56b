import type { ToJob } from './messages.ts'
import type { JobProcess, SpawnJob } from './spawn.ts'

const keptFor = 120_000 // ms that a process waits for its task; longer than a person needs for a form

/** Processes for tasks, one of which may have started and loaded its task before anybody asks for it. */
export interface SpareSpawn {
  spawn(task: string): JobProcess
  /** The next process for `task` will be ready, if it is wanted soon. */
  prepare(task: string): void
  /** Ends the one that waits. */
  close(): void
}

export function withSpare(spawnJob: SpawnJob, onSpawn: (process: JobProcess) => void): SpareSpawn {
  let spare: { readonly task: string; readonly process: JobProcess; timer: NodeJS.Timeout } | null = null

  function start(): JobProcess {
    const process = spawnJob()
    onSpawn(process)
    return process
  }
  function end(): void {
    clearTimeout(spare?.timer)
    spare?.process.kill()
    spare = null
  }
  const waiting = () => setTimeout(end, keptFor).unref()

  return {
    spawn(task) {
      if (spare?.task !== task) return start()
      const { process, timer } = spare
      clearTimeout(timer)
      spare = null
      return process
    },
    prepare(task) {
      if (spare?.task === task) {
        spare.timer.refresh()
        return
      }
      end()
      const process = start()
      process.onExit(() => {
        if (spare?.process === process) end()
      })
      process.send({ type: 'prepare', task } satisfies ToJob)
      spare = { task, process, timer: waiting() }
    },
    close: end,
  }
}
