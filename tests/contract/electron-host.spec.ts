import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessagePort } from 'node:worker_threads'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  backendPortMessage,
  backendPortRequest,
  type DesktopBridge,
  type Job,
  type Snapshot,
} from '../../src-main/contract/index.ts'
import { connect, type RemoteBackend } from '../../src-main/contract/rpc.ts'
import { readWindowState } from '../../src-main/hosts/electron/window-state.ts'
import * as electron from './stand-in/electron.ts'
import { portChannel, until } from './transports.ts'

vi.mock('electron', () => import('./stand-in/electron.ts'))

const origin = 'app://unseen'
let folder: string
let pages: string

/** The page's side of `window`: what the preload posts to it. */
const page = Object.assign(new EventTarget(), {
  location: { origin },
  posted: [] as { message: unknown; target: string; ports: MessagePort[] }[],
  postMessage: (message: unknown, target: string, ports: MessagePort[] = []) =>
    void page.posted.push({ message, target, ports }),
})
const say = (data: unknown, source: unknown = page): void =>
  void page.dispatchEvent(Object.assign(new Event('message'), { data, source }))

const theWindow = () => electron.BrowserWindow.opened.at(-1)
const askPage = (address: string, method = 'GET'): Promise<Response> =>
  electron.protocol.handlers.get('app')!({ url: address, method } as Request)
const bridge = (): DesktopBridge => electron.exposed['unseen'] as DesktopBridge

let remote: RemoteBackend
async function openPort(): Promise<RemoteBackend> {
  page.posted.length = 0
  say(backendPortRequest)
  await until(() => page.posted.length > 0)
  return connect(portChannel(page.posted[0].ports[0]))
}
const snapshotOf = (backend: RemoteBackend): Promise<Snapshot> =>
  new Promise((resolve) => {
    backend.subscribe({ snapshot: ({ snapshot }) => resolve(snapshot), event: () => undefined })
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-electron-'))
  electron.paths.userData = join(folder, 'data')
  electron.paths.app = join(folder, 'app')
  pages = join(folder, 'app', 'out', 'renderer')
  await mkdir(pages, { recursive: true })
  await mkdir(electron.paths.userData)
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>Unseen</title>')
  await writeFile(join(pages, 'a.js'), 'export {}')
  vi.stubEnv('UNSEEN_WORKSPACE', join(electron.paths.userData, 'workspace'))
  vi.stubGlobal('window', page)
  await import('../../src-main/hosts/electron/main.ts')
  await import('../../src-main/hosts/electron/preload.ts')
  await until(() => electron.BrowserWindow.opened.length > 0 || electron.dialog.shown.length > 0)
  expect(electron.dialog.shown).toEqual([])
  remote = await openPort()
})
afterAll(async () => {
  vi.unstubAllGlobals()
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

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

describe('the page’s way to the backend', () => {
  it('is a port, posted to our own origin', async () => {
    expect(page.posted).toMatchObject([{ message: backendPortMessage, target: origin }])
    expect(page.posted[0].ports[0]).toBeInstanceOf(MessagePort)
    expect((await snapshotOf(remote)).about).toMatchObject({ version: '1.2.3', host: 'desktop' })
  })

  it('can be asked for again, by the page and by nobody else', async () => {
    page.posted.length = 0
    say(backendPortRequest, { another: 'frame' })
    say('something else')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(page.posted).toEqual([])
    const again = await openPort()
    expect((await snapshotOf(again)).about.host).toBe('desktop')
    again.close()
  })

  it('is all that the preload gives, beside grants and the menu', () => {
    expect(Object.keys(electron.exposed)).toEqual(['unseen'])
    expect(Object.keys(bridge()).sort()).toEqual(['chooseFolder', 'grantFiles', 'onMenu'])
  })

  const strangers: [string, (own: object) => object][] = [
    ['another page in our window', () => ({ senderFrame: { url: 'https://example.org/', parent: null } })],
    ['a page that looks like ours', () => ({ senderFrame: { url: 'app://unseen.example.org/', parent: null } })],
    ['a frame within our page', () => ({ senderFrame: { url: 'app://unseen/', parent: {} } })],
    ['a frame that is gone', () => ({ senderFrame: null })],
    ['another window', () => ({ sender: {} })],
  ]
  it.each(strangers)('is refused to %s', async (_, change) => {
    const { webContents } = theWindow()
    const own = { sender: webContents, senderFrame: webContents.mainFrame }
    const event = { ...own, ...change(own) }
    for (const [channel, handler] of electron.ipcMain.handlers) {
      expect(await handler(event, ['/etc/passwd']), channel).toMatchObject({ error: { code: 'desktop/refused' } })
    }
    page.posted.length = 0
    electron.ipcMain.emit('unseen:request-port', event)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(page.posted).toEqual([])
  })

  it.each([undefined, 'text', [1], [''], { length: 1 }])('checks what it is asked for: %j', async (input) => {
    const { webContents } = theWindow()
    const handler = electron.ipcMain.handlers.get('unseen:grant-paths')!
    expect(await handler({ sender: webContents, senderFrame: webContents.mainFrame }, input)).toMatchObject({
      error: { code: 'desktop/invalid-arguments' },
    })
  })
})

describe('grants', () => {
  it('are refused with a sentence when too much is dropped at once', async () => {
    const files = Array.from({ length: 10_001 }, () => ({ path: pages }))
    await expect(bridge().grantFiles(files)).rejects.toMatchObject({
      message: 'At most 10,000 files and folders can be taken at once.',
      next: expect.stringContaining('folder') as unknown,
    })
  })

  it('are given for what was dropped, without its path', async () => {
    const grants = await bridge().grantFiles([{ path: pages }, { path: '' }])
    expect(grants).toMatchObject([{ name: 'renderer', kind: 'folder' }])
    expect(JSON.stringify(grants)).not.toContain(tmpdir())
  })

  it('say what is wrong, in a form that crosses to the page', async () => {
    await expect(bridge().grantFiles([{ path: join(pages, 'no') }])).rejects.toMatchObject({
      code: 'grant/not-found',
      next: expect.any(String) as unknown,
    })
  })

  it('are given for a chosen folder, and not for a dismissed dialog', async () => {
    expect(await bridge().chooseFolder()).toBeNull()
    electron.dialog.answer = { canceled: false, filePaths: [pages] }
    expect(await bridge().chooseFolder()).toMatchObject({ name: 'renderer', kind: 'folder' })
  })
})

describe('jobs', () => {
  const jobProcesses = () => electron.utilityProcess.forked.filter(({ name }) => name === 'Unseen job')
  afterEach(() => until(() => jobProcesses().every(({ worker }) => worker.threadId === -1)))

  it('run in processes that main starts, and answer the backend', async () => {
    const [grant] = await bridge().grantFiles([{ path: pages }])
    const told: Job[] = []
    const end = remote.subscribe({
      snapshot: () => undefined,
      event: ({ event }) => {
        if (event.type === 'job') told.push(event.job)
      },
    })
    const outcome = await remote.inspectDataset({ grants: [grant.id] }).catch((error: unknown) => error)
    expect(jobProcesses()).toHaveLength(1)
    // A folder of something else: told either by a report or by an error of the importer, not by one of ours.
    expect(outcome).not.toMatchObject({ code: expect.stringMatching(/^(job|internal|connection)\//) as unknown })
    await until(() => told.some(({ state }) => state === 'done' || state === 'failed'))
    expect(told[0]).toMatchObject({ kind: 'inspect', state: 'running' })
    end()
  })

  /** The end of a job whose process starts and never answers, and what ends that process. */
  async function hangingJob(): Promise<{ outcome: Promise<unknown>; crash: () => Promise<unknown> }> {
    const [grant] = await bridge().grantFiles([{ path: pages }])
    const before = jobProcesses().length
    electron.utilityProcess.jobsHang = true
    const outcome = remote.inspectDataset({ grants: [grant.id] })
    outcome.catch(() => undefined)
    await until(() => jobProcesses().length > before)
    electron.utilityProcess.jobsHang = false
    const { worker } = jobProcesses().at(-1)
    return { outcome, crash: () => worker.terminate() }
  }

  it('that die end with a sentence, and the backend goes on', async () => {
    const { outcome, crash } = await hangingJob()
    await crash()
    await expect(outcome).rejects.toMatchObject({
      code: 'job/died',
      details: { exitCode: expect.any(Number) as unknown },
    })
    expect((await snapshotOf(remote)).jobs.at(-1)).toMatchObject({ state: 'failed' })
  })

  it('keep the machine awake, until the last has ended', async () => {
    const { started } = electron.powerSaveBlocker
    await until(() => started.size === 0)
    const first = await hangingJob()
    await until(() => started.size > 0)
    const second = await hangingJob()
    await second.crash()
    await expect(second.outcome).rejects.toMatchObject({ code: 'job/died' })
    expect([...started.values()]).toEqual(['prevent-app-suspension'])
    await first.crash()
    await expect(first.outcome).rejects.toMatchObject({ code: 'job/died' })
    await until(() => started.size === 0)
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

describe('quitting', () => {
  it('remembers the window, lets the workspace go, and only then ends', async () => {
    Object.assign(theWindow(), { bounds: { x: 10, y: 20, width: 1100, height: 750 } })
    theWindow().emit('close')
    theWindow().emit('closed')
    // As on macOS, where the menu is there without a window: it brings one back.
    const before = electron.BrowserWindow.opened.length
    const items = electron.Menu.items.flatMap(({ submenu }) => submenu ?? [])
    items.find(({ accelerator }) => accelerator === 'CmdOrCtrl+1')!.click!()
    await until(() => electron.BrowserWindow.opened.length > before)
    theWindow().emit('closed')
    electron.app.emit('window-all-closed')
    if (process.platform === 'darwin') electron.app.quit()
    expect(electron.app.exited).toBe(false)
    // Whoever is in a hurry to have it back gets it, once, when this one is gone.
    electron.app.emit('second-instance')
    electron.app.emit('second-instance')
    expect(electron.app.relaunches).toBe(0)
    await until(() => electron.app.exited)
    expect(electron.app.relaunches).toBe(1)

    const file = join(electron.paths.userData, 'window.json')
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      bounds: { x: 10, y: 20, width: 1100, height: 750 },
      maximized: false,
    })
    const left = await readdir(join(electron.paths.userData, 'workspace'))
    expect(left).toContain('workspace.json')
    expect(left.filter((name) => name.startsWith('lock-'))).toEqual([])
    expect(electron.dialog.shown).toEqual([])
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
