import { contextBridge, ipcRenderer, webUtils } from 'electron'
import { backendPortMessage, backendPortRequest, type DesktopBridge, type MenuCommand } from '../../contract/bridge.ts'
import { ipc } from './messages.ts'
import type { Answer } from './requests.ts'

async function ask<T>(channel: string, input?: unknown): Promise<T> {
  const answer = (await ipcRenderer.invoke(channel, input)) as Answer<T>
  if ('value' in answer) return answer.value
  // Not an AppError: only plain data keep their fields on the way out of this isolated world.
  // eslint-disable-next-line @typescript-eslint/only-throw-error
  throw answer.error
}

const bridge: DesktopBridge<File> = {
  // The path is found out and handed on here; the page gets a grant and never sees it.
  grantFiles: (files) =>
    ask(
      ipc.grantPaths,
      files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== ''),
    ),
  chooseFolder: () => ask(ipc.chooseFolder),
  onMenu: (listener) => void ipcRenderer.on(ipc.menu, (_event, command: MenuCommand) => listener(command)),
}
contextBridge.exposeInMainWorld('unseen', bridge)

// A port cannot cross the bridge, but it can be posted to the page.
window.addEventListener('message', ({ source, data }) => {
  if (source === window && data === backendPortRequest) ipcRenderer.send(ipc.requestPort)
})
ipcRenderer.on(ipc.port, ({ ports }) => window.postMessage(backendPortMessage, window.location.origin, ports))
