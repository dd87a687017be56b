import { MessageChannelMain, utilityProcess, type UtilityProcess } from 'electron'
import { jobEnvironment } from '../node/job-environment.ts'
import type { ToBackend } from './messages.ts'

const keptErrorOutput = 4000 // characters

/** Starts and ends job processes on the backend's behalf, and wires each to it. */
export function createJobRelay(
  entry: string,
  backend: UtilityProcess,
): { start(job: string): void; kill(job: string): void; killAll(): void } {
  const processes = new Map<string, UtilityProcess>()
  const tell = (message: ToBackend, ports: Electron.MessagePortMain[] = []): void => backend.postMessage(message, ports)

  return {
    start(job) {
      const child = utilityProcess.fork(entry, [], {
        serviceName: 'Unseen job',
        env: jobEnvironment(),
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      processes.set(job, child)
      let errorOutput = ''
      const keep = (text: string): void => void (errorOutput = (errorOutput + text).slice(-keptErrorOutput))
      child.stderr?.on('data', (data: Buffer) => keep(data.toString()))
      child.on('error', (type, location) => keep(`${type} in ${location}\n`))
      child.once('exit', (code) => {
        processes.delete(job)
        tell({ type: 'job-exited', job, code, errorOutput: errorOutput.trim() })
      })

      const { port1, port2 } = new MessageChannelMain()
      child.postMessage(null, [port1])
      tell({ type: 'job-started', job }, [port2])
    },
    kill: (job) => void processes.get(job)?.kill(),
    killAll: () => processes.forEach((child) => child.kill()),
  }
}
