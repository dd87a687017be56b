import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { readWindowState } from '../../src-main/hosts/electron/window-state.ts'
import { boot, bridge, theWindow } from './electron-desktop.ts'
import * as electron from './stand-in/electron.ts'
import { until } from './transports.ts'

vi.mock('electron', () => import('./stand-in/electron.ts'))

const { remove } = await boot()
afterAll(remove)

const askPage = (address: string, method = 'GET'): Promise<Response> =>
  electron.protocol.handlers.get('app')!({ url: address, method } as Request)

describe('the window', () => {
  it('gives its page no more than a browser would, beside the preload', () => {
    expect(theWindow().options).toMatchObject({
      minWidth: 1024,
      minHeight: 700,
      webPreferences: { contextIsolation: true, sandbox: true, nodeIntegration: false, webviewTag: false },
    })
    expect((theWindow().options['webPreferences'] as { preload: string }).preload).toMatch(/preload\.cjs$/)
    expect(theWindow().address).toBe('app://unseen/')
  })

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect', 'will-attach-webview'])('refuses %s', (name) => {
    const event = electron.cancellable()
    theWindow().webContents.emit(name, event, 'https://example.org')
    expect(event.prevented).toBe(true)
  })

  it('opens no other', () => {
    expect(theWindow().webContents.openHandler?.({ url: 'app://unseen/' })).toEqual({ action: 'deny' })
  })

  it('denies every permission', () => {
    const { handlers } = electron.session.defaultSession
    const answer = vi.fn()
    handlers['request']({}, 'media', answer)
    expect(answer).toHaveBeenCalledWith(false)
    expect([handlers['check']({}, 'geolocation'), handlers['device']({})]).toEqual([false, false])
  })

  it('comes to the front when the application is started again', () => {
    theWindow().calls.push('minimize')
    electron.app.emit('second-instance')
    expect(theWindow().calls.slice(-2)).toEqual(['restore', 'focus'])
    electron.app.emit('activate')
    expect(electron.BrowserWindow.opened).toHaveLength(1)
  })

  it('loads its page again when that crashed, and asks when it does so again and again', async () => {
    const { webContents } = theWindow()
    const crash = (): void => void webContents.emit('render-process-gone', {}, { reason: 'crashed' })
    for (let crashes = 1; crashes <= 3; crashes++) {
      crash()
      await until(() => webContents.reloads === crashes)
    }
    crash()
    await until(() => electron.dialog.shown.length > 0)
    expect(electron.dialog.shown.splice(0)).toEqual([expect.stringContaining('keeps crashing')])
    expect(webContents.reloads).toBe(3)
    electron.dialog.press(0)
    await until(() => webContents.reloads === 4)

    for (let crashes = 1; crashes <= 4; crashes++) crash()
    electron.dialog.shown.length = 0
    electron.dialog.press(1)
    await until(() => theWindow().calls.at(-1) === 'close')
  })
})

describe('the pages', () => {
  it('come from a scheme with an origin of its own, under a strict policy', async () => {
    expect(electron.protocol.schemes).toMatchObject([{ scheme: 'app', privileges: { standard: true, secure: true } }])
    const response = await askPage('app://unseen/')
    expect(await response.text()).toContain('<title>Unseen</title>')
    const policy = response.headers.get('content-security-policy')
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    // Pictures are shown from bytes.
    expect(policy).toContain("; img-src 'self' blob: data:;")
    expect((await askPage('app://unseen/a.js?v=1#x')).headers.get('content-type')).toMatch(/^text\/javascript/)
  })

  it.each([
    'app://unseen/../../etc/passwd',
    'app://unseen/..%2f..%2fpackage.json',
    'app://unseen/%2e%2e/%2e%2e/package.json',
    'app://unseen/..\\..\\package.json',
    'app://unseen//etc/passwd',
    'app://unseen/a.js%00.html',
    'app://unseen/electron/main.ts',
    'app://other/',
    'app://unseen:80/',
  ])('are all there is: %s', async (address) => {
    expect((await askPage(address)).status).toBe(404)
  })

  it('are only read', async () => {
    expect((await askPage('app://unseen/', 'POST')).status).toBe(404)
  })
})

describe('the menu', () => {
  it('tells the page, by the usual keys', () => {
    const heard: string[] = []
    bridge().onMenu((command) => void heard.push(command))
    const items = electron.Menu.items.flatMap(({ submenu }) => submenu ?? [])
    for (const { click } of items) click?.()
    expect(heard).toEqual([
      'open-folder',
      ...['show-datasets', 'show-train', 'show-graphs', 'show-classes', 'show-classify', 'show-devices'],
      'toggle-theme',
    ])
    expect(items.flatMap(({ accelerator }) => accelerator ?? [])).toEqual([
      'CmdOrCtrl+O',
      'CmdOrCtrl+1',
      'CmdOrCtrl+2',
      'CmdOrCtrl+3',
      'CmdOrCtrl+4',
      'CmdOrCtrl+5',
      'CmdOrCtrl+6',
    ])
  })
})

describe('a remembered window', () => {
  const workArea = { x: 0, y: 0, width: 1920, height: 1080 }
  const state = (x: number, y: number, width = 1200) => ({ bounds: { x, y, width, height: 800 }, maximized: false })

  it.each<[string, unknown, boolean]>([
    ['where it was', state(100, 100), true],
    ['partly off the screen', state(-1000, 0), true],
    ['on a screen that is gone', state(2000, 0), false],
    ['above the screen', state(0, -50), false],
    ['too small', state(0, 0, 100), false],
    ['no state at all', { bounds: 'none' }, false],
  ])('opens again only if it can be taken hold of: %s', async (_, content, opens) => {
    const file = join(electron.paths.userData, 'state.json')
    await writeFile(file, JSON.stringify(content))
    expect(await readWindowState(file, [workArea])).toEqual(opens ? content : undefined)
  })
})
