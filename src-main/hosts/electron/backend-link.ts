import { MessageChannelMain, utilityProcess, type MessagePortMain } from 'electron'
import { AppError, fromWireError, type Grant } from '../../contract/index.ts'
import { createJobRelay } from './job-relay.ts'
import type { ToBackend, ToMain } from './messages.ts'
import { stayAwake } from './stay-awake.ts'

const closingGrace = 15_000 // ms; longer than a job's, so that trainings are kept

/** The main process's end of the backend's process. */
export interface BackendLink {
  /** Rejects when the workspace cannot be opened. */
  readonly started: Promise<void>
  /** Resolves, with what to tell, when the process ends without having been asked to. */
  readonly died: Promise<AppError>
  grant(path: string): Promise<Grant>
  /** A port with the backend at its other end, to hand to a page. */
  openPort(): MessagePortMain
  /** Resolves when the process is gone. */
  close(): Promise<void>
}

export function startBackend(options: {
  backendEntry: string
  jobEntry: string
  workspace: string
  version: string
}): BackendLink {
  const child = utilityProcess.fork(options.backendEntry, [], { serviceName: 'Unseen backend' })
  const tell = (message: ToBackend, ports: MessagePortMain[] = []): void => child.postMessage(message, ports)
  const jobs = createJobRelay(options.jobEntry, child)
  const awake = stayAwake()
  const grants = new Map<number, { resolve: (grant: Grant) => void; reject: (error: AppError) => void }>()
  let nextRequest = 1
  let closing = false
  let ended: AppError | undefined

  let failStart!: (error: AppError) => void
  const started = new Promise<void>((resolve, reject) => {
    failStart = reject
    child.on('message', (message: ToMain) => {
      switch (message.type) {
        case 'started':
          resolve()
          break
        case 'not-started':
          failStart(fromWireError(message.error))
          break
        case 'granted':
          grants.get(message.request)?.resolve(message.grant)
          grants.delete(message.request)
          break
        case 'not-granted':
          grants.get(message.request)?.reject(fromWireError(message.error))
          grants.delete(message.request)
          break
        case 'start-job':
          jobs.start(message.job)
          break
        case 'kill-job':
          jobs.kill(message.job)
          break
        case 'working':
          awake(message.working)
      }
    })
  })
  // Whoever waits for the process hears of its end; others need not listen.
  started.catch(() => undefined)
  // Unheard, it would be thrown in this process; its exit follows and says the rest.
  child.on('error', (type, location) => console.error(`The backend’s process: ${type} in ${location}`))
  const exited = new Promise<number>((resolve) => child.once('exit', resolve))
  const died = new Promise<AppError>((resolve) => {
    void exited.then((code) => {
      jobs.killAll()
      awake(false)
      const error = new AppError('backend/died', `The part of Unseen that does the work ended (exit code ${code}).`, {
        next: 'Start Unseen again. Datasets are unharmed, and interrupted trainings can be resumed.',
      })
      failStart(error)
      ended = error
      grants.forEach(({ reject }) => reject(error))
      grants.clear()
      if (!closing) resolve(error)
    })
  })

  tell({ type: 'start', workspace: options.workspace, version: options.version })
  return {
    started,
    died,
    grant(path) {
      // What is told to a process that has ended is never answered.
      if (ended) return Promise.reject(ended)
      const request = nextRequest++
      return new Promise((resolve, reject) => {
        grants.set(request, { resolve, reject })
        tell({ type: 'grant', request, path })
      })
    },
    openPort() {
      const { port1, port2 } = new MessageChannelMain()
      tell({ type: 'page' }, [port1])
      return port2
    },
    async close() {
      closing = true
      if (!ended) tell({ type: 'close' })
      const impatience = setTimeout(() => child.kill(), closingGrace)
      await exited
      clearTimeout(impatience)
    },
  }
}
