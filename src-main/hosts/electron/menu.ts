import { Menu, type MenuItemConstructorOptions } from 'electron'
import type { MenuCommand } from '../../contract/index.ts'

/** Sets the native menu; what the page can do goes to the page as a command. */
export function setMenu(send: (command: MenuCommand) => void, platform: NodeJS.Platform = process.platform): void {
  const isMac = platform === 'darwin'
  const command = (label: string, name: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    click: () => send(name),
    ...(accelerator === undefined ? {} : { accelerator }),
  })
  const menu = Menu.buildFromTemplate([
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        command('Open Folder…', 'open-folder', 'CmdOrCtrl+O'),
        { type: 'separator' },
        { role: isMac ? 'close' : 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        command('Datasets', 'show-datasets', 'CmdOrCtrl+1'),
        command('Train', 'show-train', 'CmdOrCtrl+2'),
        command('Graphs', 'show-graphs', 'CmdOrCtrl+3'),
        command('Classes', 'show-classes', 'CmdOrCtrl+4'),
        command('Classify', 'show-classify', 'CmdOrCtrl+5'),
        command('Devices', 'show-devices', 'CmdOrCtrl+6'),
        { type: 'separator' },
        command('Light or Dark', 'toggle-theme'),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    { role: 'windowMenu' },
  ])
  Menu.setApplicationMenu(menu)
}
