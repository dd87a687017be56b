import { EventEmitter } from 'node:events'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { StandInChannel, type StandInPort } from './port.ts'

// The part of Electron that the host uses, as its documentation describes it, so that the host can be booted where
// Electron's runtime cannot be had. Utility processes are workers: real threads with real ports.

export const paths = { userData: '', app: '' }

class App extends EventEmitter {
  hasLock = true
  exited = false
  relaunches = 0
  requestSingleInstanceLock = (): boolean => this.hasLock
  whenReady = (): Promise<void> => Promise.resolve()
  getPath = (name: 'userData'): string => paths[name]
  getAppPath = (): string => paths.app
  getVersion = (): string => '1.2.3'
  relaunch(): void {
    this.relaunches++
  }
  #quitting = false
  quit(): void {
    if (this.#quitting) return
    this.#quitting = true
    const event = cancellable()
    this.emit('will-quit', event)
    if (!event.prevented) this.exited = true
    // As Electron: what promises call before the event has been dealt with comes too early.
    else setImmediate(() => (this.#quitting = false))
  }
}
export const app = new App()

export function cancellable(): { prevented: boolean; preventDefault(): void } {
  return {
    prevented: false,
    preventDefault() {
      this.prevented = true
    },
  }
}

class UtilityProcess extends EventEmitter {
  readonly worker: Worker
  readonly stderr: Readable
  readonly name: string
  constructor(entry: string, name: string) {
    super()
    this.name = name
    this.worker = new Worker(new URL('utility-process.ts', import.meta.url), {
      workerData: { entry },
      stderr: true,
    })
    this.stderr = this.worker.stderr
    this.worker.on('message', (message) => this.emit('message', message))
    // Node's text goes to a process's standard error by itself; a worker's has to be sent there.
    this.worker.on('error', (error: Error) => this.stderr.emit('data', Buffer.from(String(error.stack))))
    this.worker.on('exit', (code) => this.emit('exit', code))
  }
  postMessage(data: unknown, ports: StandInPort[] = []): void {
    const raw = ports.map((port) => port.raw)
    this.worker.postMessage({ data, ports: raw }, raw)
  }
  kill(): boolean {
    void this.worker.terminate()
    return true
  }
}

const entries: Readonly<Record<string, string>> = {
  'electron-backend.js': 'backend-process.ts',
  'electron-job.js': 'job-process.ts',
}
const hanging = 'data:text/javascript,process.parentPort.on("message", () => undefined)'
export const utilityProcess = {
  forked: [] as UtilityProcess[],
  /** Whether job processes start but never answer. */
  jobsHang: false,
  fork(path: string, _args: string[], options: { serviceName: string }): UtilityProcess {
    const name = basename(path)
    const source = new URL(`../../../src-main/hosts/electron/${entries[name]}`, import.meta.url).href
    const hangs = name === 'electron-job.js' && this.jobsHang
    const child = new UtilityProcess(hangs ? hanging : source, options.serviceName)
    this.forked.push(child)
    return child
  },
}

export { StandInChannel as MessageChannelMain }

export interface Frame {
  readonly url: string
  readonly parent: Frame | null
}
class WebContents extends EventEmitter {
  reloads = 0
  readonly mainFrame: Frame = { url: 'app://unseen/#/datasets', parent: null }
  openHandler: ((details: { url: string }) => { action: string }) | undefined
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler
  }
  reload = (): number => ++this.reloads
  postMessage(channel: string, message: unknown, ports: StandInPort[]): void {
    ipcRenderer.emit(channel, { ports: ports.map((port) => port.raw) }, message)
  }
  send(channel: string, ...args: unknown[]): void {
    ipcRenderer.emit(channel, { ports: [] }, ...args)
  }
}

export class BrowserWindow extends EventEmitter {
  static readonly opened: BrowserWindow[] = []
  readonly webContents = new WebContents()
  readonly options: Record<string, unknown>
  readonly calls: string[] = []
  bounds = { x: 0, y: 0, width: 1280, height: 800 }
  address = ''
  constructor(options: Record<string, unknown>) {
    super()
    this.options = options
    BrowserWindow.opened.push(this)
    app.emit('web-contents-created', {}, this.webContents)
  }
  loadURL(address: string): Promise<void> {
    this.address = address
    return Promise.resolve()
  }
  getNormalBounds = (): object => this.bounds
  isDestroyed = (): boolean => false
  isMaximized = (): boolean => this.calls.includes('maximize')
  isMinimized = (): boolean => this.calls.at(-1) === 'minimize'
  close = (): void => void this.calls.push('close')
  show = (): void => void this.calls.push('show')
  focus = (): void => void this.calls.push('focus')
  restore = (): void => void this.calls.push('restore')
  maximize = (): void => void this.calls.push('maximize')
}

type Handler = (event: unknown, input: unknown) => unknown
class IpcMain extends EventEmitter {
  readonly handlers = new Map<string, Handler>()
  handle(channel: string, handler: Handler): void {
    this.handlers.set(channel, handler)
  }
}
export const ipcMain = new IpcMain()

class IpcRenderer extends EventEmitter {
  readonly #event = (): object => {
    const sender = BrowserWindow.opened.at(-1).webContents
    return { sender, senderFrame: sender.mainFrame }
  }
  async invoke(channel: string, input: unknown): Promise<unknown> {
    return structuredClone(await ipcMain.handlers.get(channel)!(this.#event(), input))
  }
  send(channel: string): void {
    ipcMain.emit(channel, this.#event())
  }
}
export const ipcRenderer = new IpcRenderer()

export const exposed: Record<string, unknown> = {}
export const contextBridge = { exposeInMainWorld: (name: string, value: unknown) => void (exposed[name] = value) }
export const webUtils = { getPathForFile: (file: { path: string }): string => file.path }

export const protocol = {
  schemes: [] as { scheme: string; privileges: Record<string, boolean> }[],
  handlers: new Map<string, (request: Request) => Promise<Response>>(),
  registerSchemesAsPrivileged(schemes: typeof this.schemes): void {
    this.schemes.push(...schemes)
  },
  handle(scheme: string, handler: (request: Request) => Promise<Response>): void {
    this.handlers.set(scheme, handler)
  },
}

export const dialog = {
  answer: { canceled: true, filePaths: [] as string[] },
  /** Resolves what the message box that is shown is waiting for. */
  press: undefined as unknown as (button: number) => void,
  shown: [] as string[],
  showOpenDialog: () => Promise.resolve(dialog.answer),
  showMessageBox: (_window: BrowserWindow, { message }: { message: string }) => {
    dialog.shown.push(message)
    return new Promise<{ response: number }>((resolve) => (dialog.press = (response) => resolve({ response })))
  },
  showErrorBox: (title: string, text: string) => void dialog.shown.push(`${title}: ${text}`),
}

export interface MenuItem {
  label?: string
  role?: string
  accelerator?: string
  click?: () => void
  submenu?: MenuItem[]
}
export const Menu = {
  items: [] as MenuItem[],
  buildFromTemplate: (template: MenuItem[]) => template,
  setApplicationMenu: (template: MenuItem[]) => void (Menu.items = template),
}

/** The blockers that are on. */
export const powerSaveBlocker = {
  started: new Map<number, string>(),
  start(type: string): number {
    const id = Math.max(0, ...this.started.keys()) + 1
    this.started.set(id, type)
    return id
  },
  stop(id: number): boolean {
    return this.started.delete(id)
  },
}

export const screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] }

type Permission = (...args: unknown[]) => unknown
export const session = {
  defaultSession: {
    handlers: {} as Record<string, Permission>,
    setPermissionRequestHandler: (handler: Permission) => void (session.defaultSession.handlers['request'] = handler),
    setPermissionCheckHandler: (handler: Permission) => void (session.defaultSession.handlers['check'] = handler),
    setDevicePermissionHandler: (handler: Permission) => void (session.defaultSession.handlers['device'] = handler),
  },
}
