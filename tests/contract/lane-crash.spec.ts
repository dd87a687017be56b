import { readdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openBackend, type OpenedBackend } from './opened-backend.ts'
import { smallKnobs, writeTiny } from './tiny.ts'

let opened: OpenedBackend
beforeEach(async () => void (opened = await openBackend()))
afterEach(async () => {
  vi.unstubAllEnvs()
  await opened.close()
})

it.skipIf(availableParallelism() < 2 || process.platform === 'win32')(
  'a training one of whose threads crashes natively ends with a sentence, and resumed comes to what it would have',
  async () => {
    const { backend } = opened
    const dataset = await opened.importFolder(await writeTiny(join(opened.folder, 'tiny')))
    const start = () => backend.startTraining({ dataset, device: 'cpu', set: { ...smallKnobs, episodes: 200 } })
    const whole = await opened.ended((await start()).id)

    vi.stubEnv('NODE_OPTIONS', `--import ${new URL('crash-in-lane.fixture.ts', import.meta.url).href}`)
    const { id } = await start()
    const crashed = await opened.ended(id)
    expect(crashed).toMatchObject({
      ...{ state: 'interrupted', result: null },
      error: { code: 'job/died', message: expect.stringContaining('was ended by the system (SIGSEGV).') as string },
    })
    vi.unstubAllEnvs()
    // It was in the midst of it: what the hold-outs came to has been kept.
    expect(await readdir(join(opened.running.workspace.runs, id, 'checkpoints'))).not.toEqual([])

    await backend.resumeTraining({ run: id })
    const { seconds, run, ...figures } = (await opened.ended(id)).result!
    const { seconds: wholeSeconds, run: other, ...expected } = whole.result!
    expect([seconds > 0, wholeSeconds > 0, run === other]).toEqual([true, true, false])
    expect(figures).toEqual(expected)
  },
)
