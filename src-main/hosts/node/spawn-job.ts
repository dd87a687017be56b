import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { SpawnJob } from '../../core/jobs/spawn.ts'
import { jobEnvironment } from './job-environment.ts'

const keptErrorOutput = 4000 // characters; enough for the stack of a native abort

/** Jobs in forked Node processes. `entry` is job-process, as source (this Node runs it) or bundled. */
export function nodeSpawnJob(entry: URL | string): SpawnJob {
  const file = entry instanceof URL ? fileURLToPath(entry) : entry
  return () => {
    const child = fork(file, {
      // Structured clone: typed arrays stay typed arrays.
      serialization: 'advanced',
      // Nothing of a debugger's or a test runner's flags.
      execArgv: [],
      env: jobEnvironment(),
      // Nothing is ever written to its input: that closes with this process, and so tells the job of our end.
      stdio: ['pipe', 'ignore', 'pipe', 'ipc'],
    })
    let errorOutput = ''
    const keep = (text: string): void => void (errorOutput = (errorOutput + text).slice(-keptErrorOutput))
    child.stderr?.setEncoding('utf8').on('data', keep)

    const exit = new Promise<[code: number | null, signal: string | null]>((resolve) => {
      // `close` comes after the last of its messages and of its error output, `exit` does not.
      child.once('close', (code, signal) => resolve([code, signal]))
      child.on('error', (error) => {
        keep(error.message)
        if (child.pid === undefined) resolve([null, null])
      })
    })
    return {
      // A process that is gone says so by its exit.
      send: (message) => {
        if (child.connected) child.send(message as object, () => undefined)
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void exit.then((how) => listener(...how)),
      kill: () => void child.kill('SIGKILL'),
      stderr: () => errorOutput.trim(),
    }
  }
}
