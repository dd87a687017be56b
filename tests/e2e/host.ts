import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { test as base, expect } from '@playwright/test'

export interface Host {
  /** With the token: opening it signs the page in. */
  readonly url: string
  readonly workspace: string
}

const root = resolve(import.meta.dirname, '../..')
const shared = resolve(root, '../shared')

/** A folder of ../shared, or null where these files are not at hand; a test then skips and says so. */
export function sharedFolder(path: string): string | null {
  const folder = join(shared, path)
  return existsSync(folder) ? folder : null
}

/** Starts the bundled web host, a process of its own, on a fresh workspace; resolves when it has printed its address. */
export async function startHost(
  more: readonly string[] = [],
): Promise<Host & { readonly pid: number; close(): Promise<void> }> {
  const workspace = await mkdtemp(join(tmpdir(), 'unseen-e2e-'))
  const words = [join(root, 'out/main/cli.js'), 'serve', '--json', '--workspace', workspace, ...more]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))

  const address = new Promise<string>((found, failed) => {
    createInterface(child.stdout).once('line', (line) => {
      const { url } = JSON.parse(line) as { url?: string }
      if (url === undefined) failed(new Error(`The web host did not start: ${line}`))
      else found(url)
    })
    void exited.then(() => failed(new Error(`The web host ended: ${complaints}`)))
  })
  return {
    url: await address,
    workspace,
    pid: child.pid!,
    async close() {
      // Whatever else went wrong in the test followed from that.
      const early = child.exitCode ?? child.signalCode
      if (early !== null) throw new Error(`The web host ended by itself (${early}): ${complaints}`)
      child.kill('SIGINT')
      // Uploads are removed and the lock is released before it goes; a test must not wait for ever for that.
      const impatience = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(impatience)
      await rm(workspace, { recursive: true, force: true })
    },
  }
}

/** Playwright's `test` with a web host of its own for every test; its folder picker shows `pickerRoot`, where one is set. */
export const test = base.extend<{ host: Host; pickerRoot: string | null }>({
  pickerRoot: [null, { option: true }],
  host: async ({ pickerRoot }, use) => {
    const host = await startHost(pickerRoot === null ? [] : ['--root', pickerRoot])
    await use(host)
    await host.close()
  },
})

export { expect }
