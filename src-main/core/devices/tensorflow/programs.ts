import { spawn } from 'node:child_process'
import { noCompiler, noPip, noPython } from './failures.ts'

export interface Ran {
  readonly code: number
  readonly output: string
}

/** Runs a program to its end; null where there is none of that name. `signal` ends it, and its reason is thrown. */
export function runProgram(
  program: string,
  words: readonly string[],
  options: { readonly signal: AbortSignal; readonly environment?: NodeJS.ProcessEnv; readonly folder?: string },
): Promise<Ran | null> {
  const { signal, environment = {}, folder } = options
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
      cwd: folder,
      // A group of its own, so that what it started ends with it.
      detached: true,
    })
    const stop = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
    }
    signal.addEventListener('abort', stop, { once: true })
    process.once('exit', stop)
    const over = (): void => {
      signal.removeEventListener('abort', stop)
      process.removeListener('exit', stop)
    }
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      // The last of it says what went wrong.
      stream.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-100_000)))
    }
    child.on('error', ({ code }: NodeJS.ErrnoException) => {
      over()
      if (code === 'ENOENT' || code === 'EACCES') resolve(null)
      else reject(new Error(`${program} could not be started (${code ?? 'unknown'}).`))
    })
    child.on('close', (code) => {
      over()
      if (signal.aborted) reject(signal.reason as Error)
      else resolve({ code: code ?? -1, output })
    })
  })
}

/** A Python of 3.9 or later with pip. */
export async function findPython(signal: AbortSignal): Promise<string> {
  let tooOld: string | null = null
  let withoutPip: string | null = null
  for (const program of ['python3', 'python']) {
    const said = await runProgram(program, ['-c', 'import sys; print(*sys.version_info[:2])'], { signal })
    const version = /^(\d+) (\d+)\s*$/.exec(said?.output ?? '')
    if (said?.code !== 0 || !version) continue
    const [major, minor] = [Number(version[1]), Number(version[2])]
    if (major < 3 || (major === 3 && minor < 9)) {
      tooOld = `${major}.${minor}`
      continue
    }
    const pip = await runProgram(program, ['-m', 'pip', '--version'], { signal })
    if (pip?.code === 0) return program
    withoutPip = program
  }
  throw withoutPip === null ? noPython(tooOld) : noPip(withoutPip)
}

/** That of the variable CXX, or one of the usual names. */
export async function findCompiler(signal: AbortSignal): Promise<string> {
  const named = process.env.CXX
  for (const program of named === undefined || named === '' ? ['c++', 'g++', 'clang++'] : [named]) {
    if ((await runProgram(program, ['--version'], { signal }))?.code === 0) return program
  }
  throw noCompiler()
}

/** The line that says most of what a program wrote: the first with “error” in it, or the last. */
export function telling(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'it said nothing.'
}
