import { existsSync } from 'node:fs'
import { mkdir, rename, rm, statfs } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createTensorFlowEngine, findBinding, loadRuntime } from '../../compute/tensorflow/index.ts'
import { goldenTolerance } from '../../golden/check.ts'
import type { Task, TaskContext } from '../../jobs/task.ts'
import { timeLeft } from '../../jobs/time-left.ts'
import { syncFolder, writeFileAtomic } from '../../workspace/index.ts'
import { knownProblemError } from '../known-problem.ts'
import { buildBinding } from './build.ts'
import { tooLittleDisk, unsupportedPlatform, wrongAnswers } from './failures.ts'
import { exists, fetchTarball, fetchWheel, type FetchOptions } from './fetch.ts'
import { installedTensorFlow, markerIn, places, type Installed, type Marker } from './installed.ts'
import { pinsFor, platforms, type Pins, type Platform } from './pins.ts'
import { unpackTarball, unpackWheel } from './unpack.ts'

export interface InstallInput {
  /** The application's folder of engines; made where there is none. */
  readonly engines: string
  readonly cuda: boolean
  /** A folder to take the wheels and npm packages from; null: download them. */
  readonly wheels: string | null
}

/** What depends on this computer, so that tests can be on another. */
export interface Surroundings {
  /** `linux-x64`, say. */
  readonly platform: string
  readonly pins: (platform: Platform, cuda: boolean) => Pins
  /** Folders of tfjs-node packages that are installed beside the application, preferred first. */
  readonly packages: (cuda: boolean) => string[]
  /** Does TensorFlow in that folder work? Throws where it does not. */
  readonly check: (folder: string) => Promise<{ readonly version: string; readonly gpu: boolean }>
}

/** Shares of the whole, by the time that each takes. */
const shares = { fetched: 0.6, unpacked: 0.8, built: 0.95 }

/**
 * Adds TensorFlow: that of a tfjs-node package beside the application where it works, else a current one, fetched by
 * pip, with tfjs-node's binding built for it. It appears whole or not at all, and only once it has solved a problem
 * whose answers are known; what was downloaded is kept until then.
 */
export async function install(
  { engines, cuda, wheels }: InstallInput,
  context: TaskContext,
  here: Surroundings,
): Promise<Installed> {
  const { signal, report } = context
  const say = (progress: number | null, message: string) => report({ progress, message, secondsLeft: null })
  const { engine, unfinished, downloads } = places(engines)

  const before = await installedTensorFlow(engines)
  if (before !== null && before.cuda === cuda) {
    say(null, 'Checking the TensorFlow that is there')
    // One that does not work any more is made anew.
    if (
      await here.check(before.folder).then(
        () => true,
        () => false,
      )
    )
      return before
  }

  for (const folder of here.packages(cuda)) {
    say(null, 'Trying the tfjs-node that is installed beside the application')
    const found = await here.check(folder).catch(() => null)
    if (found === null) continue
    const how = `The tfjs-node that is installed beside the application is used (TensorFlow ${found.version}).`
    await startAnew(unfinished)
    return finish(engines, { version: found.version, cuda: cuda || found.gpu, package: folder, how })
  }

  const platform = knownPlatform(here.platform)
  const { wheels: wanted, binding, headers } = here.pins(platform, cuda)
  await mkdir(downloads, { recursive: true })
  await requireDisk(engines, downloads, wheels === null ? wanted : wanted.map((wheel) => ({ ...wheel, bytes: 0 })))

  const options: FetchOptions = { downloads, from: wheels, signal }
  const files = await fetchAll(wanted, platform, options, report)
  say(shares.fetched, 'Fetching the binding')
  const [bindingFile, headersFile] = [await fetchTarball(binding, options), await fetchTarball(headers, options)]

  await startAnew(unfinished)
  const unpackedSize = wanted.reduce((sum, { unpacked }) => sum + unpacked, 0)
  let unpacked = 0
  for (const [at, wheel] of wanted.entries()) {
    await unpackWheel(files[at], wheel.wanted, unfinished, signal, (bytes) => {
      unpacked += bytes
      const share = Math.min(1, unpacked / unpackedSize)
      say(
        shares.fetched + share * (shares.unpacked - shares.fetched),
        `Unpacking TensorFlow: ${megabytes(unpacked)} MB`,
      )
    })
  }
  await unpackTarball(bindingFile, binding.wanted, unfinished)
  await unpackTarball(headersFile, headers.wanted, unfinished)

  say(shares.unpacked, 'Building the binding')
  await buildBinding(unfinished, signal)
  for (const part of ['binding', 'include', join('tensorflow', 'include')]) {
    await rm(join(unfinished, part), { recursive: true })
  }

  say(shares.built, 'Solving a problem whose answers are known')
  const { version, gpu } = await here.check(unfinished)
  signal.throwIfAborted()
  const on = gpu ? 'the graphics card' : cuda ? 'the processor, as no graphics card was found' : 'the processor'
  const how = `TensorFlow ${version} was installed and its binding built here; it computes on ${on}.`
  const installed = await finish(engines, { version, cuda, package: null, how })
  await rm(downloads, { recursive: true, force: true })
  return installed

  /** The last step: what is in `unfinished` takes the engine's place. */
  async function finish(root: string, marker: Marker): Promise<Installed> {
    await writeFileAtomic(markerIn(unfinished), JSON.stringify(marker))
    await rm(engine, { recursive: true, force: true })
    await rename(unfinished, engine)
    await syncFolder(root)
    return { version: marker.version, cuda: marker.cuda, folder: marker.package ?? engine, how: marker.how }
  }
}

async function startAnew(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
}

async function fetchAll(
  wanted: Pins['wheels'],
  platform: Platform,
  options: FetchOptions,
  report: TaskContext['report'],
): Promise<string[]> {
  const total = wanted.reduce((sum, { bytes }) => sum + bytes, 0)
  const started = performance.now()
  const files: string[] = []
  let done = 0
  for (const wheel of wanted) {
    const tell = (bytes: number): void => {
      const have = done + Math.min(bytes, wheel.bytes)
      report({
        progress: (have / total) * shares.fetched,
        message: `${options.from === null ? 'Downloading' : 'Checking'} ${wheel.name}: ${megabytes(have)} of ${megabytes(total)} MB`,
        secondsLeft: timeLeft(performance.now() - started, have, total),
      })
    }
    tell(0)
    files.push(await fetchWheel(wheel, platform, options, tell))
    done += wheel.bytes
  }
  return files
}

/** Room for what is still to come: the wheels that are not here yet, and what is taken out of them all. */
async function requireDisk(engines: string, downloads: string, wanted: Pins['wheels']): Promise<void> {
  let needed = 0
  for (const { file, bytes, unpacked } of wanted) {
    needed += unpacked + ((await exists(join(downloads, file))) ? 0 : bytes)
  }
  const { bavail, bsize } = await statfs(engines)
  // A tenth more: other programs write, too.
  if (needed * 1.1 > bavail * bsize) throw tooLittleDisk(needed * 1.1, bavail * bsize)
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)

function knownPlatform(platform: string): Platform {
  if (!Object.hasOwn(platforms, platform)) throw unsupportedPlatform(platform)
  return platform as Platform
}

/** With another C library than glibc the wheels do not work. */
function platformHere(): string {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  const musl = process.platform === 'linux' && header.glibcVersionRuntime === undefined
  return `${process.platform}-${process.arch}${musl ? '-musl' : ''}`
}

function packagesHere(cuda: boolean): string[] {
  const { resolve } = createRequire(import.meta.url)
  const names = cuda ? ['@tensorflow/tfjs-node-gpu'] : ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']
  return names.flatMap((name) => {
    try {
      const folder = dirname(resolve(`${name}/package.json`))
      const binding = findBinding(folder)
      return binding !== null && existsSync(binding) ? [folder] : []
    } catch {
      return []
    }
  })
}

async function check(folder: string): Promise<{ version: string; gpu: boolean }> {
  const error = await knownProblemError(createTensorFlowEngine(folder))
  if (!(error <= goldenTolerance)) throw wrongAnswers(error)
  const { version, gpu } = loadRuntime(folder)
  return { version, gpu }
}

export const installTensorFlow: Task<InstallInput, Installed> = {
  run: (input, context) =>
    install(input, context, { platform: platformHere(), pins: pinsFor, packages: packagesHere, check }),
}
