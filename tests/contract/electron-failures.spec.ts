import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openWorkspace } from '../../src-main/core/workspace/index.ts'
import { until } from './transports.ts'

let folder: string
let electron: typeof import('./stand-in/electron.ts')
beforeEach(async () => {
  vi.resetModules()
  electron = await import('./stand-in/electron.ts')
  vi.doMock('electron', () => electron)
  folder = await mkdtemp(join(tmpdir(), 'unseen-electron-'))
  electron.paths.userData = folder
  vi.stubEnv('UNSEEN_WORKSPACE', join(folder, 'workspace'))
  electron.paths.app = folder
  await mkdir(join(folder, 'out', 'renderer'), { recursive: true })
  await writeFile(join(folder, 'out', 'renderer', 'index.html'), '')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

const boot = (): Promise<unknown> => import('../../src-main/hosts/electron/main.ts')

describe('the desktop application', () => {
  it('leaves it to the one that runs already when it is started twice', async () => {
    electron.app.hasLock = false
    await boot()
    expect(electron.app.exited).toBe(true)
    expect(electron.utilityProcess.forked).toEqual([])
    expect(electron.BrowserWindow.opened).toEqual([])
  })

  it('says why it cannot open the workspace, and ends', async () => {
    const workspace = await openWorkspace(join(folder, 'workspace'))
    await boot()
    await until(() => electron.app.exited)
    expect(electron.dialog.shown).toEqual([
      expect.stringMatching(/^Unseen: The workspace “workspace” is open .*\n\nClose/),
    ])
    expect(electron.BrowserWindow.opened).toEqual([])
    await workspace.close()
  })

  it('says when its backend died, and ends without a hang', async () => {
    await boot()
    await until(() => electron.BrowserWindow.opened.length === 1)
    const log = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    // V8’s last word; an `error` that nobody listens to would be thrown in the main process.
    electron.utilityProcess.forked[0].emit('error', 'FatalError', 'Heap::Allocate')
    // Gone before the quitting begins, so that nothing is left to wait for.
    electron.utilityProcess.forked[0].kill()
    await until(() => electron.app.exited)
    expect(electron.dialog.shown).toEqual([expect.stringContaining('Start Unseen again.')])
    expect(log).toHaveBeenCalledWith(expect.stringContaining('FatalError in Heap::Allocate'))
    log.mockRestore()
  })

  it('says so when the backend cannot even start', async () => {
    const booted = boot()
    await until(() => electron.utilityProcess.forked.length === 1)
    electron.utilityProcess.forked[0].kill()
    await booted
    await until(() => electron.app.exited)
    expect(electron.dialog.shown).toHaveLength(1)
  })
})
