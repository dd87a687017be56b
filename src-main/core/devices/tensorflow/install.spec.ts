import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { create } from 'tar'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AppError } from '../../../contract/index.ts'
import { writeZip } from '../../datasets/testing/zip-writer.ts'
import type { Progress } from '../../jobs/task.ts'
import { install, type InstallInput, type Surroundings } from './install.ts'
import { installedTensorFlow, removeTensorFlow } from './installed.ts'
import type { Pins } from './pins.ts'

/** Small stand-ins for what is fetched, and for the programs that fetch and build; all else is the real thing. */
const library = Buffer.from('not really TensorFlow')
const wheel = writeZip([
  { name: 'tensorflow/libtensorflow_cc.so.2', data: library },
  { name: 'tensorflow/include/tensorflow/c/c_api.h', data: Buffer.from('') },
  { name: 'tensorflow/python/huge.py', data: Buffer.from('not wanted') },
])
/** An npm package of that one file. */
async function tarball(path: string): Promise<Buffer> {
  const cwd = await mkdtemp(join(tmpdir(), 'unseen-package-'))
  await mkdir(join(cwd, 'package', dirname(path)), { recursive: true })
  await writeFile(join(cwd, 'package', path), 'text')
  const packed = join(cwd, 'packed.tgz')
  await create({ gzip: true, file: packed, cwd }, ['package'])
  const bytes = await readFile(packed)
  await rm(cwd, { recursive: true })
  return bytes
}
const [binding, headers] = [await tarball('binding/tfjs_backend.cc'), await tarball('include/node_api.h')]
const sha = (data: Buffer, algorithm: string, encoding: 'hex' | 'base64') =>
  createHash(algorithm).update(data).digest(encoding)

const pins: Pins = {
  wheels: [
    {
      ...{ name: 'tensorflow-cpu', version: '0.1', file: 'tf.whl', sha256: sha(wheel, 'sha256', 'hex') },
      ...{ bytes: wheel.length, unpacked: library.length, wanted: ['tensorflow/lib', 'tensorflow/include/'] },
    },
  ],
  binding: {
    ...{ name: '@tensorflow/tfjs-node', version: '0.1', file: 'binding.tgz' },
    ...{ sha512: sha(binding, 'sha512', 'base64'), wanted: ['binding/'] },
  },
  headers: {
    ...{ name: 'node-api-headers', version: '0.1', file: 'headers.tgz' },
    ...{ sha512: sha(headers, 'sha512', 'base64'), wanted: ['include/'] },
  },
}

let folder: string
let input: InstallInput
let reports: Progress[]
const works = () => Promise.resolve({ version: '0.1', gpu: false })
const here: Surroundings = { platform: 'linux-x64', pins: () => pins, packages: () => [], check: works }

/** A program of that name, which is this shell script; `$served` is where the stand-ins lie. */
async function program(name: string, script: string): Promise<void> {
  const path = join(folder, 'bin', name)
  await writeFile(path, `#!/bin/sh\nserved='${join(folder, 'served')}'\n${script}`)
  await chmod(path, 0o755)
}
const python = (download: string, version = '3 11', pip = 'exit 0') =>
  program(
    'python3',
    `if [ "$1" = -c ]; then echo '${version}'; exit; fi
    if [ "$3" = --version ]; then ${pip}; fi
    printf 'pip ' >> "$served/calls"
    while [ "$1" != --dest ]; do shift; done
    ${download}`,
  )
const compiler = (build: string) => program('c++', `[ "$1" = --version ] && exit\n${build}`)
const goodNpm = () =>
  program(
    'npm',
    `case $2 in node-api*) file=headers.tgz;; *) file=binding.tgz;; esac
    /bin/cp "$served/$file" "$4/$file"`,
  )

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unseen-tensorflow-'))
  input = { engines: join(folder, 'engines'), cuda: false, wheels: null }
  reports = []
  await mkdir(join(folder, 'bin'))
  await mkdir(join(folder, 'served'))
  for (const [name, data] of Object.entries({ 'tf.whl': wheel, 'binding.tgz': binding, 'headers.tgz': headers }))
    await writeFile(join(folder, 'served', name), data)
  vi.stubEnv('PATH', join(folder, 'bin'))
  vi.stubEnv('CXX', '')
  await python('/bin/cp "$served/tf.whl" "$2/tf.whl"')
  await goodNpm()
  await compiler('for last; do :; done; echo built > "$last"')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

const add = (more: Partial<Surroundings> = {}, signal = new AbortController().signal) =>
  install(input, { signal, report: (progress) => reports.push(progress) }, { ...here, ...more })

async function failure(more?: Partial<Surroundings>): Promise<AppError> {
  const thrown: unknown = await add(more).then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(thrown).toBeInstanceOf(AppError)
  expect((thrown as AppError).next).toMatch(/\.$/)
  // Whatever went wrong: a half installation is none.
  expect(await installedTensorFlow(input.engines)).toBeNull()
  return thrown as AppError
}
const calls = () => readFile(join(folder, 'served', 'calls'), 'utf8').catch(() => '')

describe('an installation', () => {
  it('fetches, unpacks what is needed, builds, checks, and leaves nothing else behind', async () => {
    const checked = vi.fn(works)
    const installed = await add({ check: checked })
    expect(checked).toHaveBeenCalledWith(join(input.engines, 'tensorflow.unfinished'))
    expect(installed).toMatchObject({ version: '0.1', cuda: false, folder: join(input.engines, 'tensorflow') })
    expect(installed.how).toBe('TensorFlow 0.1 was installed and its binding built here; it computes on the processor.')
    expect(await installedTensorFlow(input.engines)).toEqual(installed)
    expect(await readdir(input.engines)).toEqual(['tensorflow'])
    const files = await readdir(installed.folder, { recursive: true, withFileTypes: true })
    expect(files.flatMap((one) => (one.isFile() ? [one.name] : [])).sort()).toEqual([
      'engine.json',
      'libtensorflow_cc.so.2',
      'tfjs_binding.node',
    ])
    const shares = reports.flatMap(({ progress }) => progress ?? [])
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
    await removeTensorFlow(input.engines)
    expect(await readdir(input.engines)).toEqual([])
    expect(await installedTensorFlow(input.engines)).toBeNull()
  })

  it('asked for again, is only checked; one that no longer works is made anew', async () => {
    await add()
    await add()
    expect(await calls()).toBe('pip ')
    const check = vi.fn(works).mockRejectedValueOnce(new Error('no'))
    await add({ check })
    expect(await calls()).toBe('pip pip ')
  })

  it('takes a folder’s files instead, and needs neither Python nor npm then', async () => {
    for (const name of ['python3', 'npm']) await rm(join(folder, 'bin', name))
    input = { ...input, wheels: join(folder, 'served') }
    expect((await add()).version).toBe('0.1')
    expect(existsSync(join(folder, 'served', 'tf.whl'))).toBe(true)
  })

  it('uses a tfjs-node beside the application where it works, and fetches nothing', async () => {
    const beside = join(folder, 'tfjs-node')
    await mkdir(join(beside, 'lib', 'napi-v8'), { recursive: true })
    await writeFile(join(beside, 'lib', 'napi-v8', 'tfjs_binding.node'), 'built')
    const installed = await add({ packages: () => [beside] })
    expect(installed.folder).toBe(beside)
    expect(installed.how).toContain('beside the application')
    expect(await calls()).toBe('')
    await removeTensorFlow(input.engines)
    expect(existsSync(beside)).toBe(true)
  })

  it('goes on without a tfjs-node beside the application that does not load', async () => {
    const check = (path: string) => (path === '/beside' ? Promise.reject(new Error('CUDA 11')) : works())
    expect((await add({ packages: () => ['/beside'], check })).folder).toBe(join(input.engines, 'tensorflow'))
  })
})

describe('what is missing is told in a sentence of its own', () => {
  it('a platform on which it was never tried', async () => {
    const error = await failure({ platform: 'win32-x64' })
    expect(error.code).toBe('device/unsupported-platform')
    expect(error.message).toContain('win32-x64')
  })
  it('Python', async () => {
    await rm(join(folder, 'bin', 'python3'))
    expect((await failure()).code).toBe('device/no-python')
  })
  it('a Python that is new enough', async () => {
    await python('', '3 8')
    expect((await failure()).message).toContain('Python 3.8 is too old')
  })
  it('pip', async () => {
    await python('', '3 11', 'exit 1')
    expect((await failure()).code).toBe('device/no-pip')
  })
  it('npm', async () => {
    await rm(join(folder, 'bin', 'npm'))
    expect((await failure()).code).toBe('device/no-npm')
  })
  it('a compiler', async () => {
    await rm(join(folder, 'bin', 'c++'))
    expect((await failure()).code).toBe('device/no-compiler')
    // What was fetched stays, so that only the rest is done once there is one.
    expect(await readdir(join(input.engines, 'downloads'))).toEqual(['binding.tgz', 'headers.tgz', 'tf.whl'])
  })
  it('room on the disk', async () => {
    const [one] = pins.wheels
    const error = await failure({ pins: () => ({ ...pins, wheels: [{ ...one, unpacked: 1e18 }] }) })
    expect(error.code).toBe('device/too-little-disk')
    expect(await calls()).toBe('')
  })
  it('the connection', async () => {
    await python(`echo 'WARNING: Retrying after NewConnectionError'; exit 1`)
    expect((await failure()).code).toBe('device/offline')
  })
  it('the package in the index', async () => {
    await python(`echo 'ERROR: No matching distribution found for tensorflow-cpu'; exit 1`)
    expect((await failure()).code).toBe('device/not-offered')
  })
  it('a file of the offline folder', async () => {
    await rm(join(folder, 'served', 'headers.tgz'))
    input = { ...input, wheels: join(folder, 'served') }
    const error = await failure()
    expect(error.code).toBe('device/missing-file')
    expect(error.message).toContain('headers.tgz')
    expect(error.next).toContain('`npm pack node-api-headers@0.1`')
  })
})

describe('what is wrong is not used', () => {
  it('a download that pip refuses by its hash', async () => {
    await python(`echo 'ERROR: THESE PACKAGES DO NOT MATCH THE HASHES'; exit 1`)
    expect((await failure()).code).toBe('device/wrong-hash')
  })
  it('a download that is another file, and nothing of it is kept', async () => {
    await python('echo something else > "$2/tf.whl"')
    expect((await failure()).code).toBe('device/wrong-hash')
    expect(await readdir(join(input.engines, 'downloads'))).toEqual([])
  })
  it('a truncated wheel in the offline folder', async () => {
    await writeFile(join(folder, 'served', 'tf.whl'), wheel.subarray(0, 100))
    input = { ...input, wheels: join(folder, 'served') }
    expect((await failure()).code).toBe('device/wrong-hash')
  })
  it('a binding that does not compile', async () => {
    await compiler(`echo 'x.cc:1: error: no'; exit 1`)
    const error = await failure()
    expect(error.code).toBe('device/build-failed')
    expect(error.message).toContain('x.cc:1: error: no')
  })
  it('a TensorFlow that does not solve the known problem', async () => {
    const error = new AppError('device/wrong-answers', 'Wrong.', { next: 'Choose “cpu”.' })
    expect(await failure({ check: () => Promise.reject(error) })).toBe(error)
  })
})

describe('an installation that was cut', () => {
  it('ends with its programs when it is cancelled, and goes on later with what had come', async () => {
    const cancelled = new AbortController()
    await program('npm', 'echo $$ > "$served/pid"; exec /bin/sleep 60')
    const work = add({}, cancelled.signal)
    const pid = await vi.waitUntil(() => readFile(join(folder, 'served', 'pid'), 'utf8').catch(() => ''), 10_000)
    cancelled.abort()
    await expect(work).rejects.toBe(cancelled.signal.reason)
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
    expect(await installedTensorFlow(input.engines)).toBeNull()

    await goodNpm()
    expect((await add()).version).toBe('0.1')
    expect(await calls()).toBe('pip ')
  })

  it('is not taken for whole, whatever of it is there', async () => {
    const { folder: engine } = await add()
    await rm(join(engine, 'lib'), { recursive: true })
    expect(await installedTensorFlow(input.engines)).toBeNull()
    expect((await add()).folder).toBe(engine)
    await rm(join(engine, 'engine.json'))
    expect(await installedTensorFlow(input.engines)).toBeNull()
    expect((await add()).folder).toBe(engine)
  })
})
