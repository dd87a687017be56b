import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fetchFailed, missingFile, noNpm, notOffered, offline, wrongHash } from './failures.ts'
import type { Platform, Tarball, Wheel } from './pins.ts'
import { platforms } from './pins.ts'
import { findPython, runProgram, telling, type Ran } from './programs.ts'

export interface FetchOptions {
  /** Whole files are kept here, so that a later attempt need not fetch them again. */
  readonly downloads: string
  /** A folder to take the files from instead; null: fetch them. */
  readonly from: string | null
  readonly signal: AbortSignal
}

const pollEvery = 250 // ms between two looks at how much pip has fetched

/** The wheel, checked, and where it lies. `onBytes` hears how much of it is here. */
export function fetchWheel(
  wheel: Wheel,
  platform: Platform,
  options: FetchOptions,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const { python: version, tags } = platforms[platform]
  const exact = [
    ...['download', '--no-deps', '--only-binary=:all:', '--python-version', version],
    ...tags.flatMap((tag) => ['--platform', tag]),
  ]
  const command = ['pip', ...exact, `${wheel.name}==${wheel.version}`].join(' ')
  return kept(wheel.file, command, ['sha256', 'hex', wheel.sha256], options, async (folder) => {
    const python = await findPython(options.signal)
    const requirements = join(folder, 'requirements.txt')
    await writeFile(requirements, `${wheel.name}==${wheel.version} --hash=sha256:${wheel.sha256}\n`)
    const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off', '--retries', '2']
    const checked = ['--require-hashes', '-r', requirements, '--no-cache-dir', '--dest', folder]
    // What pip is fetching lies in its temporary folder, which tells how far it is.
    const timer = setInterval(() => void sizeOf(folder).then(onBytes, () => undefined), pollEvery)
    try {
      return await runProgram(python, ['-m', 'pip', ...exact, ...quiet, ...checked], {
        signal: options.signal,
        environment: { TMPDIR: folder },
      })
    } finally {
      clearInterval(timer)
    }
  })
}

/** An npm package as it is published, checked; nothing of it is run. */
export function fetchTarball({ name, version, file, sha512 }: Tarball, options: FetchOptions): Promise<string> {
  const exact = ['pack', `${name}@${version}`]
  return kept(file, ['npm', ...exact].join(' '), ['sha512', 'base64', sha512], options, async (folder) => {
    const words = [...exact, '--pack-destination', folder, '--ignore-scripts', '--silent']
    const ran = await runProgram('npm', words, { signal: options.signal, folder })
    if (ran === null) throw noNpm()
    return ran
  })
}

type Hash = readonly [algorithm: 'sha256' | 'sha512', encoding: 'hex' | 'base64', value: string]

/** The file from where it was kept, from the person's folder, or from what `fetch` puts into the folder it is given. */
async function kept(
  file: string,
  command: string,
  hash: Hash,
  { downloads, from, signal }: FetchOptions,
  fetch: (folder: string) => Promise<Ran | null>,
): Promise<string> {
  if (from !== null) {
    const theirs = join(from, file)
    if (!(await exists(theirs))) throw missingFile(file, command)
    if (!(await matches(theirs, hash, signal))) throw wrongHash(file)
    return theirs
  }
  const ours = join(downloads, file)
  if ((await exists(ours)) && (await matches(ours, hash, signal))) return ours
  const folder = join(downloads, 'arriving')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    const ran = await fetch(folder)
    const arrived = join(folder, file)
    if (ran === null || ran.code !== 0 || !(await exists(arrived))) throw fetchFailure(file, ran?.output ?? '')
    if (!(await matches(arrived, hash, signal))) throw wrongHash(file)
    await rename(arrived, ours)
    return ours
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function fetchFailure(file: string, output: string): Error {
  if (/do not match the hashes|EINTEGRITY/i.test(output)) return wrongHash(file)
  if (/ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|Connection|Retrying|timed out|Temporary failure/i.test(output))
    return offline(`“${file}”`)
  if (/No matching distribution|Could not find a version|E404|ETARGET/i.test(output)) return notOffered(`“${file}”`)
  return fetchFailed(`“${file}”`, telling(output))
}

async function matches(path: string, [algorithm, encoding, value]: Hash, signal: AbortSignal): Promise<boolean> {
  const hash = createHash(algorithm)
  for await (const piece of createReadStream(path, { signal, highWaterMark: 2 ** 20 })) hash.update(piece as Buffer)
  return hash.digest(encoding) === value
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}
