import { join } from 'node:path'
import { app, dialog, protocol, screen, session, type BrowserWindow } from 'electron'
import { loggedWireError } from '../node/wire-error.ts'
import { provideFolders, workspaceFolder } from '../node/workspace-folder.ts'
import { startBackend, type BackendLink } from './backend-link.ts'
import { setMenu } from './menu.ts'
import { ipc } from './messages.ts'
import { pageScheme, servePages } from './pages.ts'
import { answerRequests } from './requests.ts'
import { readWindowState, writeWindowState } from './window-state.ts'
import { confine, denyPermissions, openWindow } from './window.ts'

const out = join(app.getAppPath(), 'out')
let window: BrowserWindow | undefined
let opening: Promise<void> | undefined
let state: 'starting' | 'running' | 'closing' | 'closed' = 'starting'
let saving = Promise.resolve()
let startedAgain = false // while it closes

protocol.registerSchemesAsPrivileged([pageScheme])
if (app.requestSingleInstanceLock()) {
  app.on('web-contents-created', (_event, contents) => confine(contents))
  app.on('second-instance', () => {
    startedAgain = isEnding()
    if (window?.isMinimized()) window.restore()
    window?.focus()
    showWindow()
  })
  app.on('activate', showWindow)
  // The others quit with their last window; on macOS an application lives on without one.
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  void run()
} else {
  app.quit()
}

async function run(): Promise<void> {
  await app.whenReady()
  provideFolders()
  const backend = startBackend({
    backendEntry: join(out, 'main', 'electron-backend.js'),
    jobEntry: join(out, 'main', 'electron-job.js'),
    workspace: workspaceFolder(),
    version: app.getVersion(),
  })
  quitAfter(backend)
  try {
    denyPermissions(session.defaultSession)
    await servePages(protocol, join(out, 'renderer'))
    answerRequests(backend, () => window)
    // On macOS the menu is there without a window too.
    setMenu((command) => (window ? window.webContents.send(ipc.menu, command) : showWindow()))
    await backend.started
    // Whoever quits while it starts gets no window.
    if (state === 'starting') state = 'running'
    showWindow()
    throw await backend.died
  } catch (thrown) {
    // Who has asked to quit need not hear that the backend has ended.
    if (isEnding()) return
    const { message, next } = loggedWireError(thrown)
    dialog.showErrorBox('Unseen', next === undefined ? message : `${message}\n\n${next}`)
    app.quit()
  }
}

const isEnding = (): boolean => state === 'closing' || state === 'closed'

/** Opens the window where there is none and the application runs. */
function showWindow(): void {
  if (state !== 'running' || window !== undefined) return
  opening ??= open().finally(() => (opening = undefined))
}

async function open(): Promise<void> {
  const file = join(app.getPath('userData'), 'window.json')
  const workAreas = screen.getAllDisplays().map(({ workArea }) => workArea)
  const left = await readWindowState(file, workAreas)
  // Reading takes a moment, in which the application may have been told to quit.
  if (state !== 'running') return
  const opened = openWindow({
    preload: join(out, 'preload', 'preload.cjs'),
    state: left,
    // A place that could not be remembered is nothing to hold up the quitting for.
    left: (now) => void (saving = writeWindowState(file, now).catch(() => undefined)),
  })
  window = opened
  opened.on('closed', () => {
    if (window === opened) window = undefined
  })
}

/** Quitting waits until trainings are kept and the workspace is let go. */
function quitAfter(backend: BackendLink): void {
  app.on('will-quit', (event) => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'closing') return
    state = 'closing'
    // In a turn of its own: while this event is being handled, to quit again counts for nothing.
    const quit = (): void => {
      state = 'closed'
      if (startedAgain) app.relaunch()
      app.quit()
    }
    void Promise.allSettled([backend.close(), saving]).then(() => setImmediate(quit))
  })
}
