import { BrowserWindow, type Session, type WebContents } from 'electron'
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
  if (state?.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => left({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }))
  void window.loadURL(firstPage)
  return window
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
