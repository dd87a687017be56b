import { BrowserWindow, dialog, type Session, type WebContents } from 'electron'
import { firstPage } from './pages.ts'
import { smallestWindow, type WindowState } from './window-state.ts'

/** Opens the application's window. `left` is told how it was when it closes. */
export function openWindow(options: {
  preload: string
  state: WindowState | undefined
  left: (state: WindowState) => void
}): BrowserWindow {
  const { preload, state, left } = options
  const window = new BrowserWindow({
    ...(state?.bounds ?? { width: 1280, height: 800 }),
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: 'Unseen',
    show: false,
    webPreferences: {
      preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  window.once('ready-to-show', () => {
    // Not before: to maximize a window shows it, white as it is.
    if (state?.maximized) window.maximize()
    window.show()
  })
  reloadAfterCrash(window)
  window.on('close', () => left({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }))
  void window.loadURL(firstPage)
  return window
}

const mostReloads = 3 // within a minute; a page that dies more often would only die again

/** The backend goes on without its page, and the page finds everything there again. */
function reloadAfterCrash(window: BrowserWindow): void {
  let recent: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    const now = performance.now()
    recent = recent.filter((time) => now - time < 60_000)
    if (recent.push(now) <= mostReloads) setImmediate(reload)
    else void askToReload()
  })

  // Never from within the event: there Electron still takes the old process down.
  function reload(): void {
    if (!window.isDestroyed()) window.webContents.reload()
  }

  async function askToReload(): Promise<void> {
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: 'The page of this window keeps crashing.',
      detail: 'Nothing was lost, and work that was begun goes on. Closing the window stops it and keeps what it has.',
      buttons: ['Try Again', 'Close'],
      cancelId: 0,
    })
    recent = []
    if (response === 0) reload()
    else window.close()
  }
}

/** A page stays the page it is: it goes nowhere, opens nothing and embeds nothing. */
export function confine(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}

/** The pages need no camera, no notifications, nothing that a browser asks leave for. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
}
