import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

let folder: string
let started: ChildProcess
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-start-'))
})
afterEach(async () => {
  if (started.exitCode === null) started.kill('SIGTERM')
  await rm(folder, { recursive: true })
})

/** What `npm start` runs, where there is no display, in a process group as a terminal makes it; resolves once it serves. */
async function start(): Promise<string> {
  started = spawn(process.execPath, [join(root, 'scripts/start.mjs'), '--workspace', join(folder, 'workspace')], {
    env: { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let said = ''
  for await (const text of started.stdout!.setEncoding('utf8') as AsyncIterable<string>) {
    said += text
    const url = /http:\S+/.exec(said)?.[0]
    if (url !== undefined) return url
  }
  throw new Error(said)
}

const interruptions: readonly (readonly [string, (pid: number) => void | Promise<void>])[] = [
  ['SIGINT', (pid) => void process.kill(pid, 'SIGINT')],
  ['SIGTERM', (pid) => void process.kill(pid, 'SIGTERM')],
  ['SIGHUP', (pid) => void process.kill(pid, 'SIGHUP')],
  [
    'Ctrl-C in a terminal, which npm hands on once more',
    async (pid) => {
      process.kill(-pid, 'SIGINT')
      await sleep(50)
      // On a quick machine it has closed and ended by then.
      if (started.exitCode === null) process.kill(pid, 'SIGINT')
    },
  ],
]

describe.skipIf(process.platform === 'win32')('npm start', () => {
  it.each(interruptions)(
    'hands %s on to the application once, waits until it has closed and ends like it',
    async (_, interrupt) => {
      const url = await start()
      const exit = once(started, 'exit')
      await interrupt(started.pid!)
      // Cut off instead of asked, it would end with 130 and leave its lock.
      expect(await exit).toEqual([0, null])
      expect(await readdir(join(folder, 'workspace'))).not.toContainEqual(expect.stringMatching(/^lock-/))
      await expect(fetch(url)).rejects.toThrow()
    },
  )
})
