import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessagePort } from 'node:worker_threads'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { backendPortMessage, backendPortRequest, type Job } from '../../src-main/contract/index.ts'
import { boot, bridge, openPort, origin, page, say, snapshotOf, theWindow } from './electron-desktop.ts'
import * as electron from './stand-in/electron.ts'
import { until } from './transports.ts'

vi.mock('electron', () => import('./stand-in/electron.ts'))

const { pages, remove } = await boot()
afterAll(remove)
const remote = await openPort()

describe('the page’s way to the backend', () => {
  it('is a port, posted to our own origin', async () => {
    say(backendPortRequest)
    await until(() => page.posted.length > 0)
    const posted = page.posted.splice(0)
    expect(posted).toMatchObject([{ message: backendPortMessage, target: origin }])
    expect(posted[0].ports[0]).toBeInstanceOf(MessagePort)
    posted[0].ports[0].close()
    expect((await snapshotOf(remote)).about).toMatchObject({ version: '1.2.3', host: 'desktop' })
  })

  it('can be asked for again, by the page and by nobody else', async () => {
    say(backendPortRequest, { another: 'frame' })
    say('something else')
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
    electron.ipcMain.emit('unseen:request-port', event)
    ;(await openPort()).close()
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
