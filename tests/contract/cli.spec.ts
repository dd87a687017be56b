import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text as wholeOf } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wireErrorSchema, type WireError } from '../../src-main/contract/index.ts'

const root = resolve(import.meta.dirname, '../..')
const entry = join(root, 'src-main/hosts/cli/main.ts')
const pages = join(root, 'out/renderer/index.html')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A real process, from the sources. `watch` hears stdout as it comes. */
function unseen(words: readonly string[], watch?: (stdout: string, interrupt: () => void) => void): Promise<Ended> {
  const child = spawn(process.execPath, [entry, ...words], {
    env: { ...process.env, UNSEEN_WORKSPACE: join(folder, 'workspace') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
      if (name === 'stdout') watch?.(texts.stdout, () => child.kill('SIGINT'))
    })
  }
  return new Promise((ended) => child.on('close', (code) => ended({ code, ...texts })))
}

/** The only object on stdout's last line, which must be an error with a sentence, and no stack anywhere. */
function errorOf({ stdout, stderr }: Ended): WireError {
  const lines = stdout.trimEnd().split('\n')
  expect(lines).toHaveLength(1)
  expect(stderr).not.toMatch(/^\s+at /m)
  const { error, ...rest } = JSON.parse(lines[0]) as { error: unknown }
  expect(rest).toEqual({})
  return wireErrorSchema.parse(error)
}

describe('unseen --help', () => {
  it('names every command and the exit codes', async () => {
    const { code, stdout } = await unseen(['--help'])
    expect(code).toBe(0)
    for (const command of [
      ...['demo', 'import', 'features', 'train', 'resume', 'evaluate', 'classify', 'classes', 'graph', 'backbone'],
      ...['serve', 'doctor', 'device', 'bench'],
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${command} `, 'm'))
    }
    expect(stdout).toContain('0 done, 1 failed, 2 not understood, 130 cancelled')
  })

  it('is there for a command', async () => {
    const { code, stdout } = await unseen(['train', '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/--preset <preset>.*"quick", "paper"/s)
  })
})

describe('what is not understood', () => {
  it.each([
    [],
    ['fly'],
    ['train'],
    ['train', 'x', '--preset', 'slow'],
    ['graph', 'x', '--rule', 'knn'],
    ['graph', 'x', '--spaces', 'semantic'],
    ['graph', 'x', '--format', 'bmp'],
    ['train', 'x', '--device', 'abacus'],
    ['train', 'x', '--seed', '-1'],
    ['train', 'x', '--seed', '1.5'],
    ['train', 'x', '--set', 'episodes'],
    ['train', 'x', '--set', 'episodes=many'],
    ['train', 'x', '--set', 'edgeDegrees=120'],
    ['train', 'x', '--set', 'constructor=1'],
    ['serve', '--port', '70000'],
    ['import', 'x', '--minus-one', 'maybe'],
    ['bench', 'step', '--size', 'huge'],
  ])('ends with 2 and one JSON object: unseen %s %s %s %s', async (...words) => {
    const ended = await unseen([...words, '--json'])
    expect(ended.code).toBe(2)
    expect(errorOf(ended)).toMatchObject({ code: 'cli/usage', next: 'See `unseen --help`.' })
    expect(ended.stderr).not.toBe('')
  })

  it('names the knobs there are', async () => {
    const ended = await unseen(['train', 'x', '--set', 'episode=1', '--json'])
    expect(errorOf(ended).message).toMatch(/no knob “episode”.*episodes/s)
  })

  it('is told on stderr alone without --json', async () => {
    const { code, stdout, stderr } = await unseen(['fly'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('fly')
  })
})

describe('what fails', () => {
  it('import of a folder that is not there', async () => {
    const ended = await unseen(['import', join(folder, 'nowhere'), '--json'])
    expect(ended.code).toBe(1)
    expect(errorOf(ended)).toMatchObject({ code: 'grant/not-found' })
  })

  it('import of a folder full of something else', async () => {
    await writeFile(join(folder, 'letter.txt'), 'Dear Sir or Madam')
    const ended = await unseen(['import', join(folder, 'letter.txt'), '--json'])
    expect(ended.code).toBe(1)
    expect(errorOf(ended)).toMatchObject({
      code: expect.stringMatching(/^dataset\//) as unknown,
      next: expect.any(String) as unknown,
    })
  })

  it('training on a dataset that is not there', async () => {
    const ended = await unseen(['train', 'nonesuch', '--json'])
    expect(ended.code).toBe(1)
    expect(errorOf(ended)).toMatchObject({ code: 'dataset/unknown' })
  })

  it.each(['resume', 'evaluate'])('%s of a run that is not there', async (command) => {
    const ended = await unseen([command, 'nonesuch', '--json'])
    expect(ended.code).toBe(1)
    expect(errorOf(ended).code).toMatch(/^run\//)
  })
})

describe('what fails unexpectedly', () => {
  it('says what happened, with its path, and that it is a fault of ours', async () => {
    const fault = 'setImmediate(() => { throw new Error("cannot open /home/ann/x") })'
    const once = `process.on("newListener", (name) => name === "uncaughtException" && ${fault})`
    const child = spawn(process.execPath, [`--import=data:text/javascript,${once}`, entry, 'doctor', '--json'])
    const [stdout, stderr] = await Promise.all([wholeOf(child.stdout), wholeOf(child.stderr)])
    expect(stderr).toMatch(/Error: cannot open \/home\/ann\/x\nSomething unexpected/)
    expect(errorOf({ code: 1, stdout, stderr })).toMatchObject({ code: 'internal/unexpected' })
  })
})

describe('unseen serve', () => {
  it.skipIf(!existsSync(pages))(
    'prints where it is, answers there, and ends at Ctrl-C (once the pages are built)',
    async () => {
      let answered: Promise<number> | undefined
      const ended = await unseen(['serve', '--json'], (stdout, interrupt) => {
        if (answered !== undefined || !stdout.includes('\n')) return
        const { url = 'http://127.0.0.1:0/' } = JSON.parse(stdout) as { url?: string }
        answered = fetch(url, { redirect: 'manual' }).then(({ status }) => status)
        answered.then(interrupt, interrupt)
      })
      expect(await answered).toBe(303)
      expect(ended.code).toBe(0)
    },
  )
})
