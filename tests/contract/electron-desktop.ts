import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import { expect, vi } from 'vitest'
import { backendPortRequest, type DesktopBridge, type Snapshot } from '../../src-main/contract/index.ts'
import { connect, type RemoteBackend } from '../../src-main/contract/rpc.ts'
import * as electron from './stand-in/electron.ts'
import { portChannel, until } from './transports.ts'

// The desktop application on the stand-in; a suite mocks `electron` by that before it boots.

export const origin = 'app://unseen'

/** The page's side of `window`: what the preload posts to it. */
export const page = Object.assign(new EventTarget(), {
  location: { origin },
  posted: [] as { message: unknown; target: string; ports: MessagePort[] }[],
  postMessage: (message: unknown, target: string, ports: MessagePort[] = []) =>
    void page.posted.push({ message, target, ports }),
})
/** As a script of the page posts it, or one of another window. */
export const say = (data: unknown, source: unknown = page): void =>
  void page.dispatchEvent(Object.assign(new Event('message'), { data, source }))

export const theWindow = () => electron.BrowserWindow.opened.at(-1)
export const bridge = (): DesktopBridge => electron.exposed['unseen'] as DesktopBridge

/** Asks for a port as the page does; there must be this one answer to all that has been asked so far. */
export async function openPort(): Promise<RemoteBackend> {
  say(backendPortRequest)
  await until(() => page.posted.length > 0)
  const [{ ports }, ...more] = page.posted.splice(0)
  expect(more).toEqual([])
  return connect(portChannel(ports[0]))
}

export const snapshotOf = (backend: RemoteBackend): Promise<Snapshot> =>
  new Promise((resolve) => {
    backend.subscribe({ snapshot: ({ snapshot }) => resolve(snapshot), event: () => undefined })
  })

/** Starts the application and opens its window on two files. */
export async function boot(): Promise<{ pages: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'unseen-electron-'))
  electron.paths.userData = join(folder, 'data')
  electron.paths.app = join(folder, 'app')
  const pages = join(folder, 'app', 'out', 'renderer')
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
  return {
    pages,
    async remove() {
      electron.app.quit()
      await until(() => electron.app.exited)
      vi.unstubAllGlobals()
      vi.unstubAllEnvs()
      await rm(folder, { recursive: true })
    },
  }
}
