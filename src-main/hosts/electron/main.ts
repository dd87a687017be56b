import { join } from 'node:path'
import { app, dialog, protocol, screen, session, type BrowserWindow } from 'electron'
import { toWireError } from '../../contract/index.ts'
import { startBackend, type BackendLink } from './backend-link.ts'
import { setMenu } from './menu.ts'
import { ipc } from './messages.ts'
import { pageScheme, servePages } from './pages.ts'
import { answerRequests } from './requests.ts'
import { readWindowState, writeWindowState } from './window-state.ts'
import { confine, denyPermissions, openWindow } from './window.ts'

const out = join(app.getAppPath(), 'out')
let window: BrowserWindow | undefined
let saving = Promise.resolve()

protocol.registerSchemesAsPrivileged([pageScheme])
if (app.requestSingleInstanceLock()) {
  app.on('web-contents-created', (_event, contents) => confine(contents))
  app.on('second-instance', () => {
    if (window?.isMinimized()) window.restore()
    window?.focus()
  })
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
  const backend = startBackend({
    backendEntry: join(out, 'main', 'electron-backend.js'),
    jobEntry: join(out, 'main', 'electron-job.js'),
    workspace: join(app.getPath('userData'), 'workspace'),
    version: app.getVersion(),
  })
  quitAfter(backend)
  try {
    denyPermissions(session.defaultSession)
    await servePages(protocol, join(out, 'renderer'))
    answerRequests(backend, () => window)
    setMenu((command) => window?.webContents.send(ipc.menu, command))
    await backend.started
    await showWindow()
    app.on('activate', () => {
      if (window === undefined) void showWindow()
    })
    throw await backend.died
  } catch (thrown) {
    const { message, next } = toWireError(thrown)
    dialog.showErrorBox('Unseen', next === undefined ? message : `${message}\n\n${next}`)
    app.quit()
  }
}

async function showWindow(): Promise<void> {
  const file = join(app.getPath('userData'), 'window.json')
  const workAreas = screen.getAllDisplays().map(({ workArea }) => workArea)
  const opened = openWindow({
    preload: join(out, 'preload', 'preload.cjs'),
    state: await readWindowState(file, workAreas),
    // A place that could not be remembered is nothing to hold up the quitting for.
    left: (state) => void (saving = writeWindowState(file, state).catch(() => undefined)),
  })
  window = opened
  opened.on('closed', () => {
    if (window === opened) window = undefined
  })
}

/** Quitting waits until trainings are kept and the workspace is let go. */
function quitAfter(backend: BackendLink): void {
  let state: 'running' | 'closing' | 'closed' = 'running'
  app.on('will-quit', (event) => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'closing') return
    state = 'closing'
    void Promise.all([backend.close(), saving]).then(() => {
      state = 'closed'
      app.quit()
    })
  })
}
