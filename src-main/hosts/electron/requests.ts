import { dialog, ipcMain, type BrowserWindow, type IpcMainEvent, type IpcMainInvokeEvent } from 'electron'
import { z } from 'zod'
import { AppError, grouped, type Grant, type WireError } from '../../contract/index.ts'
import { loggedWireError } from '../node/wire-error.ts'
import type { BackendLink } from './backend-link.ts'
import { ipc } from './messages.ts'
import { isOurPage } from './pages.ts'

const mostPaths = 10_000 // at once; as many as a command takes grants
const pathsSchema = z.array(z.string().min(1).max(32_768)).max(mostPaths)

/** An answer to the preload: an Error would lose its code on the way. */
export type Answer<T> = { readonly value: T } | { readonly error: WireError }

/** Answers what the preload asks for: a port, grants, the folder dialog. Anybody else is refused. */
export function answerRequests(backend: BackendLink, ourWindow: () => BrowserWindow | undefined): void {
  /** Only the top frame of our own window, while our own page is in it. */
  function check({ sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent): BrowserWindow {
    const window = ourWindow()
    const isOurs = sender === window?.webContents && senderFrame?.parent === null && isOurPage(senderFrame.url)
    if (!window || !isOurs) throw new AppError('desktop/refused', 'This page may not ask for this.')
    return window
  }
  function handle<T>(channel: string, run: (window: BrowserWindow, input: unknown) => Promise<T>): void {
    ipcMain.handle(channel, async (event, input: unknown): Promise<Answer<T>> => {
      try {
        return { value: await run(check(event), input) }
      } catch (thrown) {
        return { error: loggedWireError(thrown) }
      }
    })
  }

  ipcMain.on(ipc.requestPort, (event) => {
    try {
      check(event).webContents.postMessage(ipc.port, null, [backend.openPort()])
    } catch {
      // A stranger gets no answer.
    }
  })
  handle<Grant[]>(ipc.grantPaths, async (_window, input) => {
    const paths = pathsSchema.safeParse(input)
    if (!paths.success) {
      const most = grouped(mostPaths)
      throw new AppError('desktop/invalid-arguments', `At most ${most} files and folders can be taken at once.`, {
        next: 'Drop the folder that they are in.',
      })
    }
    return Promise.all(paths.data.map((path) => backend.grant(path)))
  })
  handle<Grant | null>(ipc.chooseFolder, async (window) => {
    const { canceled, filePaths } = await dialog.showOpenDialog(window, { properties: ['openDirectory'] })
    return canceled || filePaths.length === 0 ? null : backend.grant(filePaths[0])
  })
}
