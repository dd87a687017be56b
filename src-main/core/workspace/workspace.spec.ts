import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AppError } from '../../contract/index.ts'
import { openWorkspace } from './workspace.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-workspace-'))
})
afterEach(() => rm(folder, { recursive: true }))

const at = (name: string): string => join(folder, name)
const readWorkspaceFile = async (): Promise<unknown> => JSON.parse(await readFile(at('workspace.json'), 'utf8'))
const locks = async (): Promise<string[]> => (await readdir(folder)).filter((name) => name.startsWith('lock-'))

describe('a workspace', () => {
  it('is made where there is none, with its version and its folders', async () => {
    const workspace = await openWorkspace(at('new/deep'), { clock: () => new Date('2026-11-23T00:00:00Z') })
    expect(workspace.name).toBe('deep')
    expect(await readdir(workspace.directory)).toEqual(
      expect.arrayContaining(['cache', 'datasets', 'runs', 'trash', 'workspace.json']),
    )
    expect(JSON.parse(await readFile(join(workspace.directory, 'workspace.json'), 'utf8'))).toEqual({
      schemaVersion: 1,
      createdAt: '2026-11-23T00:00:00.000Z',
    })
    await workspace.close()
  })

  it('keeps what it has when it is opened again', async () => {
    const first = await openWorkspace(folder, { clock: () => new Date(0) })
    await writeFile(join(first.datasets, 'note'), 'mine')
    await first.close()
    const second = await openWorkspace(folder)
    expect(await readFile(join(second.datasets, 'note'), 'utf8')).toBe('mine')
    expect(await readWorkspaceFile()).toMatchObject({ createdAt: '1970-01-01T00:00:00.000Z' })
    await second.close()
  })

  it('is brought up to this version one step after the other, and goes on after an interruption', async () => {
    await writeFile(at('workspace.json'), '{"schemaVersion": 1, "createdAt": "2026-01-01T00:00:00Z"}')
    const done: string[] = []
    let interrupt = true
    const migrations = {
      1: async (directory: string) => {
        done.push('1 to 2')
        await writeFile(join(directory, 'added-by-2'), '')
      },
      2: async () => {
        if (interrupt) throw new Error('power cut')
        done.push('2 to 3')
        return Promise.resolve()
      },
    }
    await expect(openWorkspace(folder, { version: 3, migrations })).rejects.toThrow('power cut')
    expect(await readWorkspaceFile()).toMatchObject({ schemaVersion: 2 })
    expect(await locks()).toEqual([])

    interrupt = false
    const workspace = await openWorkspace(folder, { version: 3, migrations })
    expect(done).toEqual(['1 to 2', '2 to 3'])
    expect(await readWorkspaceFile()).toEqual({ schemaVersion: 3, createdAt: '2026-01-01T00:00:00Z' })
    expect(await readdir(folder)).toContain('added-by-2')
    await workspace.close()
  })

  it.each([
    ['of a newer version', '{"schemaVersion": 2, "createdAt": "2026-01-01T00:00:00Z"}', 'workspace/too-new'],
    ['with a damaged file', '{"schemaVersion": 1, "crea', 'workspace/damaged'],
    ['with a file of something else', '[]', 'workspace/damaged'],
  ])('is refused and left as it was %s', async (_, content, code) => {
    await writeFile(at('workspace.json'), content)
    await expect(openWorkspace(folder)).rejects.toMatchObject({ code })
    expect(await readdir(folder)).toEqual(['workspace.json'])
    expect(await readFile(at('workspace.json'), 'utf8')).toBe(content)
  })

  it('is refused where a folder cannot be', async () => {
    await writeFile(at('file'), '')
    await expect(openWorkspace(at('file'))).rejects.toMatchObject({ code: 'workspace/not-a-folder' })
  })
})

const contenders: ChildProcess[] = []
afterEach(() => Promise.all(contenders.splice(0).map(kill)))

async function kill(process_: ChildProcess): Promise<void> {
  if (process_.exitCode !== null || process_.signalCode !== null) return
  const gone = once(process_, 'exit')
  process_.kill('SIGKILL')
  await gone
}

/** Another process that opens the folder, says how that went and stays. */
async function contender(preparation = '') {
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', preparation + openAndSay, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  contenders.push(process_)
  const [said] = (await once(process_.stdout, 'data')) as [Buffer]
  return { process_, said: JSON.parse(said.toString()) as Pick<AppError, 'next' | 'details'> & { code: string } }
}

const openAndSay = `
  import { writeFile } from 'node:fs/promises'
  import { hostname } from 'node:os'
  import { join } from 'node:path'
  const { openWorkspace } = await import(${JSON.stringify(new URL('workspace.ts', import.meta.url).href)})
  try {
    await openWorkspace(process.argv[1])
    console.log(JSON.stringify({ code: 'open' }))
    setInterval(() => undefined, 1000)
  } catch ({ code, next, details }) {
    console.log(JSON.stringify({ code, next, details }))
  }
`

/** Makes of Linux a system that does not tell when a process started. */
const withoutStartTimes = `
  import fs from 'node:fs'
  import { syncBuiltinESMExports } from 'node:module'
  const { readFile } = fs.promises
  fs.promises.readFile = (path, ...more) =>
    String(path).startsWith('/proc/') ? Promise.reject(new Error('no such thing')) : readFile(path, ...more)
  syncBuiltinESMExports()
`

describe('the lock', { timeout: 30_000 }, () => {
  it('keeps a second opening out until the first is closed', async () => {
    const first = await openWorkspace(folder)
    await expect(openWorkspace(folder)).rejects.toMatchObject({ code: 'workspace/in-use' })
    await first.close()
    await (await openWorkspace(folder)).close()
    expect(await locks()).toEqual([])
  })

  it.each([
    ['where start times are known', ''],
    ['where they are not', withoutStartTimes],
  ])('lets exactly one of many processes in, and the next when that one was killed, %s', async (_, preparation) => {
    const four = await Promise.all(Array.from({ length: 4 }, () => contender(preparation)))
    const owners = four.filter(({ said }) => said.code === 'open')
    const refused = four.filter(({ said }) => said.code === 'workspace/in-use')
    expect([owners.length, refused.length]).toEqual([1, 3])

    const late = await contender(preparation)
    expect(late.said).toMatchObject({ code: 'workspace/in-use', details: { pid: owners[0].process_.pid } })
    await kill(owners[0].process_)
    expect(await locks()).toHaveLength(1)
    const next = await contender(preparation)
    expect(next.said.code).toBe('open')
    await kill(next.process_)
    await (await openWorkspace(folder)).close()
    expect(await locks()).toEqual([])
  })

  it('is not kept by a process that merely has the pid of one that died', async () => {
    await mkdir(folder, { recursive: true })
    // The parent is alive, and did not start one clock tick after boot.
    await writeFile(at(`lock-${process.ppid}-1-${hostname()}`), '')
    await (await openWorkspace(folder)).close()
    expect(await locks()).toEqual([])
  })

  it('of a pid that may have been reused keeps out where start times are not known, and names the file to delete', async () => {
    const lock = `lock-${process.pid}-1-${hostname()}`
    await writeFile(at(lock), '')
    const { said } = await contender(withoutStartTimes)
    expect(said.code).toBe('workspace/in-use')
    expect(said.next).toContain(`delete the file ${at(lock)}`)
    expect(await locks()).toEqual([lock])

    await rm(at(lock))
    expect((await contender(withoutStartTimes)).said.code).toBe('open')
  })

  it('of a process that died with the pid that we got keeps nobody out, whether or not start times are known', async () => {
    for (const preparation of ['', withoutStartTimes]) {
      const leftover = `await writeFile(join(process.argv[1], \`lock-\${process.pid}-1-\${hostname()}\`), '')`
      const { said, process_ } = await contender(`${preparation}\n${leftover}`)
      expect(said.code).toBe('open')
      expect(await locks()).toHaveLength(1)
      await kill(process_)
    }
  })

  it('of another computer keeps out, whatever runs here, and says where it is open', async () => {
    const lock = 'lock-4194304-1-annes-laptop' // a pid beyond what Linux gives out
    await writeFile(at(lock), '')
    const refused = openWorkspace(folder)
    await expect(refused).rejects.toThrow(/is open on the computer “annes-laptop”\.$/)
    await expect(refused).rejects.toMatchObject({
      code: 'workspace/in-use',
      next: expect.stringContaining(at(lock)) as unknown,
    })
    expect(await locks()).toEqual([lock])
  })
})
